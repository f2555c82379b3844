// What goes wrong on this computer: a data directory that is in use, newer, foreign, damaged, read-only or
// full, a taken port, settings that do not read, and a command line that is wrong. Clear words, the right
// exit code, and nothing lost.
//
//   node tests/system/disk.mjs [--hearth FILE]
//
// The last line is "N passed, N failed, N skipped".
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { startDevnet } from '../devnet/devnet.mjs'
import { counter, expectEqual, expectWords } from '../ui/browser.mjs'
import { cli, dataDir, expect, freePort, Hearth, HEARTH, parseOne, tidy, until, writeNetwork } from './hearth.mjs'

const ROOT = '0x' + '11'.repeat(32)
const results = counter()
const { check } = results

const devnet = await startDevnet({ preset: 'minimal', slotMs: 500, beacons: 2 })
const network = await writeNetwork(devnet.network)
const beacons = devnet.beaconUrls
const follow = dir => ['run', '--network', network, '--data-dir', dir, '--port', '0', ...beacons.flatMap(url => ['--beacon', url])]
const nodes = new Set()

async function start(dir, port = 0) {
  const node = await Hearth.start({ network, dir, beacons, port })
  nodes.add(node)
  return node
}

// A directory in which a node was live, and has ended.
async function usedDir(name) {
  const dir = await dataDir(name)
  const node = await start(dir)
  await node.until('finality', s => s.state === 'live' && s.finalized.slot > 0)
  expectEqual(await node.stop(), 0, 'exit code')
  return dir
}

// Runs to its end and checks how it ends: a code, one line of words on stderr, nothing on stdout.
async function refused(args, { code, words, lines = 1, ...options }) {
  const run = await cli(args, options)
  expectEqual([run.code, run.out], [code, ''], `exit code and output; it said ${run.err.slice(0, 300)}`)
  const said = run.err.split('\n').filter(line => line && !/^\d{4}-\d\d-\d\dT/.test(line))
  expectEqual(said.length, lines, `lines it said: ${run.err}`)
  expect(said[0].startsWith('hearth') && !/\(null\)|\(\d+\)$/.test(said[0]), `it said ${said[0]}`)
  expectWords(run.err, words, 'what it said')
}

async function resumes(dir) {
  const node = await start(dir)
  expectEqual((await node.live()).checkpoint.origin, 'kept', 'origin of the checkpoint')
  await node.stop()
}

async function patch(file, offset, bytes) {
  const handle = await open(file, 'r+')
  await handle.write(Buffer.from(bytes), 0, bytes.length, offset)
  await handle.close()
}

const uint32 = number => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255]

// --- the data directory ----------------------------------------------------------------------------

async function inUse() {
  const node = await start(await dataDir('in-use'))
  await node.live()
  for (const [verb, args] of [['run', follow(node.dir)], ['init', ['init', '--network', network, '--data-dir', node.dir]]]) {
    await check(`${verb} in a directory that is in use names the process that has it`, () =>
      refused(args, { code: 1, words: [`${node.dir} is in use by process ${node.run.child.pid}`] }))
  }
  await check('doctor beside a running node says that it runs, and how it is', async () => {
    const { code, out } = await cli(['doctor', '--network', network, '--data-dir', node.dir, ...beacons.flatMap(url => ['--beacon', url])])
    expectEqual(code, 0, `exit code of ${out}`)
    expectWords(out, ['is in use by a running node', /ok +node +live/, 'Nothing is wrong.'], 'what it said')
  })
  await check('the node that has it is not disturbed', async () => {
    const { head } = await node.status()
    await node.until('heads go on', s => s.state === 'live' && s.head.slot > head.slot)
  })
  const { port } = new URL(node.origin)
  await check('a port that is taken is named', async () =>
    refused([...follow(await dataDir('port')), '--port', port], { code: 4, words: [`port ${port} on 127.0.0.1 is already in use`] }))
  await node.stop()
}

async function databases() {
  const dir = await usedDir('database')
  const file = `${dir}/hearth.db`
  const before = await readFile(file)
  const cases = [
    ['newer', () => patch(file, 60, uint32(99)), ['was written by a newer version of Hearth (schema 99, this one knows']],
    ['another program’s', () => patch(file, 68, uint32(0x0f055112)), ['is another program’s database'.replace('’', "'")]],
    ['no database at all', () => writeFile(file, 'Dear diary,\n'.repeat(1000)), ['is no SQLite database']],
    ['cut off', () => truncate(file, before.length - 4096 * 2 - 100), [/damaged/]]
  ]
  for (const [name, spoil, words] of cases) {
    await check(`a database that is ${name} is refused and left as it is`, async () => {
      await writeFile(file, before)
      await spoil()
      const spoilt = await readFile(file)
      await refused(follow(dir), { code: 4, words })
      expect(spoilt.equals(await readFile(file)), 'the file was changed')
      const { code, out } = await cli(['doctor', '--network', network, '--data-dir', dir, '--beacon', beacons[0]])
      expectEqual(code, 1, 'exit code of doctor')
      expectWords(out, [/wrong +database/, ...words], 'what doctor said')
    })
  }
  await check('with its own database back, it resumes', async () => {
    await writeFile(file, before)
    await resumes(dir)
  })
  await check('a state that is damaged inside the database is not believed: it starts anew', async () => {
    const spoilt = await readFile(file)
    // A byte of one key of the committee, wherever it is kept.
    const key = Buffer.from(devnet.net.chain.keyring.committee(devnet.head().period).value.pubkeys[3])
    let at = spoilt.indexOf(key)
    expect(at > 0, 'the kept committee was not found')
    for (; at > 0; at = spoilt.indexOf(key, at + 1)) await patch(file, at + 7, [spoilt[at + 7] ^ 1])
    const node = await start(dir)
    const { head } = await node.live()
    expectWords(node.log, ['starting anew: the kept light-client store is damaged'], 'the log')
    expect(devnet.net.chain.byRoot(head.root) !== undefined, 'the head is not on the chain')
    await node.stop()
  })
}

async function readOnly() {
  const dir = await usedDir('read-only')
  const fresh = await dataDir('read-only-parent')
  await mkdir(fresh)
  await chmod(fresh, 0o555)
  // Permission bits do not bind root: then another user runs it, one who can read the program and nothing more.
  const isRoot = process.getuid() === 0
  const command = isRoot ? 'setpriv' : HEARTH
  const as = args => (isRoot ? ['--reuid', '65534', '--clear-groups', HEARTH, ...args] : args)
  for (const name of await readdir(dir)) await chmod(`${dir}/${name}`, 0o644)
  await chmod(dir, 0o555)
  const probe = await cli(as(['version']), { command })
  if (probe.code !== 0) return results.skip('a directory that cannot be written', `no other user can run it: ${probe.err.trim()}`)
  await check('a directory that cannot be made is named, with the reason', () =>
    refused(as(follow(`${fresh}/new`)), { command, code: 4, words: [`${fresh}/new cannot be written: Permission denied`] }))
  await check('a directory that cannot be written is named, with the reason', () =>
    refused(as(follow(dir)), { command, code: 4, words: [`${dir} cannot be written: Permission denied`] }))
  await chmod(dir, 0o700)
  await check('once it can be written, it resumes', () => resumes(dir))
}

async function smallDisk() {
  const disk = await dataDir('small-disk')
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    return results.skip('a full and a read-only file system', `mount refused: ${String(error.stderr || error.message).trim()}`)
  }
  try {
    await onSmallDisk(disk)
  } finally {
    for (const node of nodes) await node.stop()
    execFileSync('umount', ['-l', disk])
  }
}

async function fill(disk) {
  const handle = await open(`${disk}/ballast`, 'a')
  try {
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      for (;;) {
        const { bytesWritten } = await handle.write(Buffer.alloc(size)).catch(() => ({ bytesWritten: 0 }))
        if (bytesWritten < size) break
      }
    }
  } finally {
    await handle.close()
  }
}

async function onSmallDisk(disk) {
  const dir = `${disk}/data`
  let node = await start(dir)
  await node.live()
  await check('the disk fills up while it runs: it says so, and stays live', async () => {
    await fill(disk)
    const status = await node.until('a storage error', s => s.storage_error, 10000)
    expectEqual([status.state, status.storage_error.code], ['live', 'disk_full'], 'state and code')
    expectWords(status.storage_error.text, ['the disk is full'], 'text')
    const { out } = await cli(['status', '--network', network, '--data-dir', dir])
    expectWords(out, [/Storage +.*the disk is full/], 'status')
    const doctor = await cli(['doctor', '--network', network, '--data-dir', dir, '--beacon', beacons[0]])
    expectEqual(doctor.code, 1, 'exit code of doctor')
    expectWords(doctor.out, [/wrong +disk +0 MiB are free there: too little, make room/], 'doctor')
  })
  await check('with room again, it goes on keeping by itself', async () => {
    await rm(`${disk}/ballast`)
    await node.until('no storage error', s => s.state === 'live' && s.storage_error === null, 10000)
  })
  await check('killed on a full disk, nothing is lost: it resumes once there is room', async () => {
    const before = await node.until('finality', s => s.finalized.slot > 0)
    await fill(disk)
    await node.until('a storage error', s => s.storage_error, 10000)
    await node.kill()
    const run = await cli(follow(dir), { deadlineMs: 3000 })
    // It may start without writing anything; when it does not, it says why.
    if (run.code !== 'SIGKILL') {
      expectEqual(run.code, 4, 'exit code')
      expectWords(run.err, ['disk', 'full'], 'what it said')
    }
    await rm(`${disk}/ballast`)
    node = await start(dir)
    const status = await node.live()
    expectEqual([status.checkpoint.origin, status.checkpoint.root], ['kept', before.checkpoint.root], 'origin and root')
    await node.stop()
  })
  await check('a new directory on a full disk: refused, and it says why', async () => {
    await fill(disk)
    await refused(follow(`${disk}/another`), { code: 4, words: ['disk', 'full'] })
    await rm(`${disk}/ballast`)
  })
  await check('a read-only file system is named as such', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await refused(follow(dir), { code: 4, words: [`${dir} cannot be written: Read-only file system`] })
    execFileSync('mount', ['-o', 'remount,rw', disk])
    await resumes(dir)
  })
}

// --- settings and command line ---------------------------------------------------------------------

async function settings() {
  const dir = await dataDir('settings')
  const init = ['init', '--network', network, '--data-dir', dir, '--port', String(await freePort()), ...beacons.flatMap(url => ['--beacon', url])]
  await check('init makes the directory, and run needs nothing but it', async () => {
    const { code, out, err } = await cli(init)
    expectEqual([code, err], [0, ''], 'exit code and errors')
    expectWords(out, [`Ready in ${dir} for devnet.`, `hearth run --data-dir ${dir}`], 'what it said')
    expectEqual((await stat(dir)).mode & 0o777, 0o700, 'mode of the directory')
    const node = await Hearth.start({ network, dir, args: ['--port', '0'] })
    await node.live()
    await node.stop()
  })
  await check('init a second time refuses; with --force it replaces', async () => {
    await refused(init, { code: 1, words: [`${dir}/hearth.json already`, '--force'] })
    expectEqual(parseOne((await cli([...init, '--force', '--json'])).out), { data_dir: dir, network: 'devnet' }, 'with --force')
  })
  const bad = [
    ['{"port": 1', ['hearth.json', 'line 1']],
    ['{"port": 1, "port": 2}', ['hearth.json', 'duplicate']],
    ['{"port": "many"}', ['hearth.json', 'port']],
    ['{"port": 70000}', ['hearth.json', 'port is from 0 to 65535']],
    ['{"beacon": "http://127.0.0.1:1"}', ['hearth.json', 'beacon']],
    ['{"beacon": [1]}', ['hearth.json']],
    ['{"checkpoint": "0x12"}', ['hearth.json', 'a checkpoint is a block root: 0x and 64 digits']],
    ['[]', ['hearth.json']],
    ['', ['hearth.json']],
    [' '.repeat(70000), ['hearth.json']]
  ]
  for (const [text, words] of bad) {
    await check(`settings ${JSON.stringify(text.slice(0, 40))} are refused, and the file is named`, async () => {
      await writeFile(`${dir}/hearth.json`, text)
      await refused(follow(dir), { code: 1, words: [dir, ...words] })
    })
  }
}

async function commandLine() {
  const wrong = [
    [['frobnicate'], ['there is no verb frobnicate', 'Usage: hearth VERB']],
    [['run', '--frobnicate'], ['no such option: --frobnicate', 'Try: hearth run --help']],
    [['run', '--port'], ['a value is missing after --port']],
    [['run', 'sepolia'], ['it takes options only, not sepolia']],
    [['status', '--port', '1'], ['no such option: --port']],
    [['run', '--log-level', 'loud'], ['cannot use --log-level']],
    [['light'], ['replay what?', 'Try: hearth light --help']],
    [['light', 'replay'], ['no file or folder to replay']],
    [['light', 'replay', 'x'], ['--checkpoint ROOT is needed']],
    [['light', 'replay', 'x', '--checkpoint', ROOT, '--slot', 'soon'], ['--slot is a number']]
  ]
  for (const [args, words] of wrong) {
    await check(`hearth ${args.join(' ').replace(ROOT, 'ROOT')}: exit 2 and what is wrong`, async () => {
      const { code, out, err } = await cli(args)
      expectEqual([code, out], [2, ''], 'exit code and output')
      expectWords(err, words, 'what it said')
    })
  }
  const dir = await dataDir('never-made')
  const refusals = [
    [[...follow(dir), '--port', '70000'], ['--port is a number from 0 to 65535']],
    [['run', '--network', 'atlantis'], ['no network is called atlantis']],
    [['run', '--network', './atlantis.json'], ['cannot read ./atlantis.json: No such file']],
    [[...follow(dir), '--checkpoint', '0x12'], ['a checkpoint is a block root: 0x and 64 digits']],
    [[...follow(await dataDir('bad-url')), '--beacon', 'gopher://user:secret@127.0.0.1'], ['beacon 3 of the list: not an http or https address']],
    [['run', '--network', network, '--data-dir', dir], ['no beacon provider is known for devnet', '--beacon URL']],
    [follow(`${dir}${'-long'.repeat(20)}`), ['choose a shorter data directory']],
    [['light', 'replay', './nowhere', '--network', network, '--checkpoint', '0x12'], ['a checkpoint is a block root']]
  ]
  for (const [args, words] of refusals) {
    await check(`hearth ${args.join(' ').slice(-60)}: exit 1 and why`, async () => {
      await refused(args, { code: 1, words })
      const json = await cli([...args, '--json'])
      const { error } = parseOne(json.out)
      expect(json.code === 1 && error.code && error.kind && words.every(word => error.message.includes(word)), `in JSON: ${json.out}`)
      expect(!json.err.includes('secret'), 'a password was shown')
    })
  }
  await check('version --json is one object with the libraries', async () => {
    const { code, out } = await cli(['version', '--json'])
    const said = parseOne(out)
    expect(code === 0 && /^\d+\.\d+\.\d+$/.test(said.version) && said.libraries.sqlite, `it is ${out}`)
  })
  for (const verb of ['run', 'init', 'status', 'light', 'doctor', 'version']) {
    await check(`${verb} --help: exit 0, usage and the exit codes`, async () => {
      const { code, out, err } = await cli([verb, '--help'])
      expectEqual([code, err], [0, ''], 'exit code and errors')
      expectWords(out, [`Usage: hearth ${verb}`, 'Exit: 0 ok, 1 refused or not found, 2 usage, 3 unverified, 4 unavailable'], 'help')
    })
  }
  await check('doctor without anything to reach says what to mend', async () => {
    const port = await freePort()
    const { code, out } = await cli(['doctor', '--network', network, '--data-dir', dir, '--beacon', `http://127.0.0.1:${port}`])
    expectEqual(code, 1, 'exit code')
    expectWords(out, ['is not there yet; run or init makes it', /note +provider +127\.0\.0\.1:\d+: .*Connection refused/, /wrong +providers +none of 1 gives/, '1 to mend.'], 'what it said')
    expect(!existsSync(dir), 'doctor made the directory')
  })
}

try {
  accessSync(HEARTH, constants.X_OK)
  await results.guard('in use', inUse)
  await results.guard('databases', databases)
  await results.guard('read-only', readOnly)
  await results.guard('small disk', smallDisk)
  await results.guard('settings', settings)
  await results.guard('command line', commandLine)
} finally {
  for (const node of nodes) await node.stop()
  await devnet.stop()
}
results.finish()
await tidy()
process.exit()
