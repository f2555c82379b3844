// Every single bit of good proofs, flipped: accounts, absent accounts, slots and empty slots of a devnet made here, and
// each spoiled proof must be refused. The proofs are anvil's; the verifier is the node's own, in the vectors program.
//
//   node tests/system/flip.mjs [--vectors FILE]
//
// The last line is "N passed, N failed, N skipped"; the one before it counts the bits.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { counter, expectEqual } from '../ui/browser.mjs'
import { dataDir, expect, option, tidy } from './hearth.mjs'
import { startWorld, word } from './world.mjs'

const PROGRAM = resolve(option('--vectors') ?? process.env.VECTORS ?? `build/${process.env.BUILD ?? 'release'}/tests/vectors/vectors`)
const ABSENT = Array.from({ length: 8 }, (_, i) => '0x' + (i + 1).toString(16).padStart(40, 'd'))

const { check, ...results } = counter()
const world = await startWorld({ history: 400 })
const block = await world.rpc('eth_getBlockByNumber', ['latest', false])
const at = { blockHash: block.hash }
const prove = (address, slots = []) => world.rpc('eth_getProof', [address, slots, at])
const accounts = await Promise.all([...world.accounts, ...world.contracts, world.poor, ...ABSENT].map(address => prove(address)))
const stored = await prove(world.contracts[0], [...world.keys.slice(0, 12), 1, 5, 7].map(word))
const folder = await dataDir('flip')
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'proofs.json'), JSON.stringify({ block: { stateRoot: block.stateRoot }, accounts, storageHash: stored.storageHash, storage: stored.storageProof }))
await world.stop()

let line = 'no bits were flipped'
await check('every single bit of every proof node counts', async () => {
  const { stdout } = await promisify(execFile)(PROGRAM, [resolve(folder), 'trie'])
  const [, bytes, told, refused] = /(\d+) bytes of proofs flipped in each bit: (\d+) lies told, (\d+) refused/.exec(stdout) ?? []
  expect(Number(bytes) > 10000, `only ${bytes} bytes; it said ${stdout.slice(-500)}`)
  expectEqual([told, refused], [String(8 * bytes), told], 'lies told and refused')
  line = `${bytes} bytes of ${accounts.length + stored.storageProof.length} proofs: ${told} bits flipped, ${refused} refused`
})
await tidy()
console.log(line)
results.finish()
process.exit()
