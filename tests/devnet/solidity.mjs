// Solidity compiled when a test or a benchmark needs it, with solc and the OpenZeppelin contracts of npm.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULES = join(dirname(fileURLToPath(import.meta.url)), '../node_modules')
const REQUIRED = createRequire(import.meta.url)

function find(path) {
  const file = join(MODULES, path)
  return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: `${path} is not there` }
}

// {name: {abi, bytecode, runtime}} of the contracts in a text; those of what it imports are left out unless `alsoOf` names
// their files.
export function compile(name, text, { alsoOf = [], evmVersion = 'osaka' } = {}) {
  const solc = REQUIRED('solc')
  const input = {
    language: 'Solidity',
    sources: { [name]: { content: text } },
    settings: {
      evmVersion,
      optimizer: { enabled: true, runs: 200 },
      outputSelection: Object.fromEntries([name, ...alsoOf].map(file => [file, { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] }])),
    },
  }
  const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), { import: find }))
  const wrong = errors.filter(error => error.severity === 'error')
  if (wrong.length) throw new Error(wrong.map(error => error.formattedMessage).join('\n'))
  return Object.fromEntries([name, ...alsoOf].flatMap(file => Object.entries(contracts[file] ?? {}).map(([contract, { abi, evm }]) =>
    [contract, { abi, bytecode: `0x${evm.bytecode.object}`, runtime: `0x${evm.deployedBytecode.object}` }])))
}
