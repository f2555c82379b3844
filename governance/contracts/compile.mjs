// Compiles the contracts of this folder and writes them as C, for governance/contracts.h: creation code, the hash of the
// running code with its immutables zeroed, where those are, and the storage slots that proofs need, by the compiler's own
// account. The same sources give the same bytes.
//
//   node governance/contracts/compile.mjs OUT.c
//
// Beside it, OUT.json has {name: {abi, bytecode}} for tests.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const solc = require('solc'), { keccak256 } = require('js-sha3')
const CODE_MAX = 24576, CREATION_MAX = 49152 // EIP-170, EIP-3860
const TIMELOCK = '@openzeppelin/contracts/governance/TimelockController.sol'
// In the order of enum ht_gov_ours. A maker's code is only run once, to make the others.
const PARTS = [
  ['TREASURY', TIMELOCK, 'TimelockController'],
  ['TOKEN', 'CommunityToken.sol', 'CommunityToken'],
  ['PEOPLE', 'PeopleRegistry.sol', 'PeopleRegistry'],
  ['GOVERNOR', 'CommunityGovernor.sol', 'CommunityGovernor'],
  ['RELAY', 'BallotRelay.sol', 'BallotRelay'],
  ['OF_TOKEN', 'Community.sol', 'TokenCommunity'],
  ['OF_PEOPLE', 'Community.sol', 'PeopleCommunity'],
  ['OF_HOLDERS', 'Community.sol', 'HoldersCommunity'],
]
const ADDRESS_TO = value => `t_mapping(t_address,${value})`
// Names of layout.h, and the variables that they mean: label, and type where a label is there twice.
const GOVERNOR_SLOTS = {
  NONCES: ['_nonces', ADDRESS_TO('t_uint256')], KEYED_NONCES: ['_nonces', ADDRESS_TO('t_mapping(t_uint192,t_uint64)')],
  PROPOSALS: ['_proposals'], PROPOSAL_VOTES: ['_proposalVotes'], THRESHOLD: ['_proposalThreshold'], SETTINGS: ['_votingDelay'],
  QUORUM_HISTORY: ['_quorumNumeratorHistory'], TIMELOCK: ['_timelock'], TIMELOCK_IDS: ['_timelockIds'], PROPOSAL_IDS: ['_proposalIds'],
  PROPOSAL_DETAILS: ['_proposalDetails'], EXTENDED_DEADLINES: ['_extendedDeadlines'],
}
const VOTES_SLOTS = { balances: ['_balances'], nonces: ['_nonces'], delegatee: ['_delegatee'], checkpoints: ['_delegateCheckpoints'], total: ['_totalCheckpoints'] }
const SLOTS = {
  TREASURY: ['mine', { 0: ['_roles'], 1: ['_timestamps'], 2: ['_minDelay'] }],
  TOKEN: ['votes', VOTES_SLOTS],
  PEOPLE: ['votes', VOTES_SLOTS, 'mine', { 0: ['isAttester'], 1: ['attestationOf'] }],
  GOVERNOR: ['governor', GOVERNOR_SLOTS],
}

const find = path => {
  try {
    return { contents: readFileSync(require.resolve(path), 'utf8') }
  } catch {
    return { error: `${path} is not there; run 'make deps'` }
  }
}

function compile() {
  const own = readdirSync(FOLDER).filter(file => file.endsWith('.sol')).sort()
  const input = {
    language: 'Solidity',
    sources: { ...Object.fromEntries(own.map(file => [file, { content: readFileSync(join(FOLDER, file), 'utf8') }])), [TIMELOCK]: { content: find(TIMELOCK).contents } },
    settings: {
      evmVersion: 'cancun',
      viaIR: true,
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { '*': { '': ['ast'], '*': ['abi', 'storageLayout', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.deployedBytecode.immutableReferences'] } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }))
  // A warning in a file of our own is an error; OpenZeppelin's are its own.
  const wrong = (output.errors ?? []).filter(error => error.severity === 'error' || own.includes(error.sourceLocation?.file))
  if (wrong.length) throw new Error(wrong.map(error => error.formattedMessage).join('\n'))
  return output
}

// Names of variables by their number in the syntax tree.
function namesOf(sources) {
  const names = new Map()
  const walk = node => {
    if (node?.nodeType === 'VariableDeclaration') names.set(node.id, node.name)
    if (node && typeof node === 'object') Object.values(node).forEach(walk)
  }
  Object.values(sources).forEach(source => walk(source.ast))
  return names
}

const canonical = ({ type, components }) => components ? `(${components.map(canonical).join(',')})${type.slice('tuple'.length)}` : type
const constructorOf = abi => `(${(abi.find(entry => entry.type === 'constructor')?.inputs ?? []).map(canonical).join(',')})`

function slotOf(name, { storage }, [label, type]) {
  const found = storage.filter(entry => entry.label === label && (!type || entry.type === type))
  if (found.length !== 1 || found[0].offset !== 0) throw new Error(`${name}: ${found.length} variables are ${label} ${type ?? ''}`)
  return Number(found[0].slot)
}
const slot32 = n => `{{${'0, '.repeat(31)}${n}}}`
function slotsOf(part, name, layout) {
  const written = []
  const list = SLOTS[part] ?? []
  for (let i = 0; i < list.length; i += 2) {
    const slots = Object.entries(list[i + 1]).map(([key, variable]) => [key, slotOf(name, layout, variable)])
    if (list[i] === 'governor') {
      written.push(`.governor_has = ${slots.map(([key]) => `1U << HT_GOV_${key}`).join(' | ')},`)
      written.push(`.governor = {${slots.map(([key, slot]) => `[HT_GOV_${key}] = ${slot32(slot)}`).join(', ')}},`)
    } else if (list[i] === 'votes') written.push(...slots.map(([key, slot]) => `.${key} = ${slot32(slot)},`))
    else written.push(`.own = {${slots.map(([key, slot]) => `[${key}] = ${slot32(slot)}`).join(', ')}},`)
  }
  return written
}

const bytes = hex => hex.match(/../g).map(byte => `0x${byte}`).join(',').replace(/(.{1,95},)/g, '$1\n')

function write(part, contract, names) {
  const [key, , name] = part, { abi, evm, storageLayout } = contract
  const runtime = evm.deployedBytecode.object, creation = evm.bytecode.object
  if (runtime.length / 2 > CODE_MAX || creation.length / 2 > CREATION_MAX) throw new Error(`${name} is too large: ${runtime.length / 2} bytes, ${creation.length / 2} to create it`)
  if (/__\$/.test(creation)) throw new Error(`${name} is not linked`)
  const immutables = Object.entries(evm.deployedBytecode.immutableReferences ?? {}).map(([id, list]) => [names.get(Number(id)), list.sort((a, b) => a.start - b.start)]).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [what, list] of immutables) if (!what || list.some(one => one.length !== 32)) throw new Error(`${name}: an immutable is not one word`)
  const hash = keccak256(Buffer.from(runtime, 'hex'))
  const lines = [`static const uint8_t creation_${key}[] = {\n${bytes(creation)}};`]
  for (const [what, list] of immutables) lines.push(`static const uint16_t at_${key}_${what}[] = {${list.map(one => one.start).join(', ')}};`)
  if (immutables.length) {
    lines.push(`static const struct ht_gov_immutable immutables_${key}[] = {`)
    for (const [what, list] of immutables) lines.push(`    {"${what}", at_${key}_${what}, ${list.length}},`)
    lines.push('};')
  }
  const entry = [
    `.name = "${name}",`, `.constructor = "${constructorOf(abi)}",`, `.creation = creation_${key},`, `.creation_len = sizeof creation_${key},`, `.code_len = ${runtime.length / 2},`,
    `.masked_hash = {{${hash.match(/../g).map(byte => `0x${byte}`).join(', ')}}},`,
    ...(immutables.length ? [`.immutables = immutables_${key},`, `.immutable_count = ${immutables.length},`] : []),
    ...slotsOf(key, name, storageLayout),
  ]
  return { lines, entry: `    [HT_GOV_OURS_${key}] = {\n${entry.map(line => `        ${line}`).join('\n')}\n    },` }
}

const [out] = process.argv.slice(2)
if (!out) {
  console.error('usage: node compile.mjs OUT.c')
  process.exit(2)
}
try {
  const { contracts, sources } = compile()
  const names = namesOf(sources)
  const written = PARTS.map(part => write(part, contracts[part[1]][part[2]], names))
  const text = `/* Made by governance/contracts/compile.mjs with solc ${solc.version()}; do not edit. */\n#include "governance/contracts.h"\n\n` +
    `${written.flatMap(one => one.lines).join('\n')}\n\nconst struct ht_gov_contract ht_gov_contracts[HT_GOV_OURS_COUNT] = {\n${written.map(one => one.entry).join('\n')}\n};\n`
  mkdirSync(dirname(out), { recursive: true })
  const json = Object.fromEntries(PARTS.map(([, file, name]) => [name, { abi: contracts[file][name].abi, bytecode: `0x${contracts[file][name].evm.bytecode.object}` }]))
  writeFileSync(out.replace(/\.c$/, '.json'), JSON.stringify(json))
  writeFileSync(`${out}.new`, text)
  renameSync(`${out}.new`, out)
} catch (error) {
  console.error(`compile.mjs: ${error.message}`)
  process.exit(1)
}
