#!/usr/bin/env node
// Checks the devnet against what others say Ethereum is: our own verifier written from the
// specification, @lodestar/light-client for the forks it knows, and keccak(rlp) of anvil's headers.
// Prints each check, then "N passed, N failed, 0 skipped". Runs for less than a minute.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {startDevnet} from './devnet.mjs';
import {Client, lodestarClient, elHash, types} from './check_client.mjs';
import {Verifier, headerRoot} from './verify.mjs';

const LIMIT_MS = 58000;
const LIGHT = '/eth/v1/beacon/light_client';
const results = {passed: 0, failed: 0};

async function test(name, run) {
  const started = Date.now();
  try {
    await run();
    results.passed++;
    console.log(`ok    ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    results.failed++;
    console.log(`FAIL  ${name}\n      ${error.message.split('\n').slice(0, 12).join('\n      ')}`);
  }
}

const summary = () => console.log(`${results.passed} passed, ${results.failed} failed, 0 skipped`);
const hashOf = (header) => header.execution?.block_hash ?? header.execution_block_hash;
const slotOf = (header) => Number(header.beacon.slot);

/** A devnet with a client of its first beacon and a verifier that has followed it so far. */
async function follow(options, firstSlot) {
  const net = await startDevnet(options);
  const client = new Client(net.beaconUrls[0]);
  const verifier = new Verifier(net.network, types);
  const {data} = await client.get(`/eth/v1/beacon/headers/${firstSlot}`);
  const bootstrap = await client.both(`${LIGHT}/bootstrap/${data.root}`, 'Bootstrap');
  verifier.bootstrap(data.root, bootstrap);
  return {net, client, verifier, bootstrap};
}

async function catchUp({client, verifier}) {
  const updates = await client.updates(0, 100, verifier);
  for (const update of updates) verifier.accept(update);
  return updates;
}

async function olderForks() {
  const forks = {altair: 0, bellatrix: 3, capella: 5, deneb: 7, electra: 9, fulu: 17};
  const run = await follow({slotMs: 1000, forks, history: 150, beacons: 1}, 16);
  const {net, client, bootstrap} = run;
  try {
    await test('bootstraps of every epoch from altair to fulu verify', async () => {
      const versions = new Set();
      for (let epoch = 2; epoch <= 15; epoch++) {
        const {data} = await client.get(`/eth/v1/beacon/headers/${epoch * 8}`);
        const answer = await client.both(`${LIGHT}/bootstrap/${data.root}`, 'Bootstrap');
        new Verifier(net.network, types).bootstrap(data.root, answer);
        versions.add(answer.version);
      }
      assert.deepEqual([...versions], ['altair', 'bellatrix', 'capella', 'deneb', 'electra']);
    });
    let updates;
    await test('updates of three committee periods verify, JSON and SSZ alike, with their digests', async () => {
      updates = await catchUp(run);
      assert.equal(updates.length, 3);
    });
    await test('@lodestar/light-client follows the same chain across two committee changes', async () => {
      const {data} = await client.get('/eth/v1/beacon/headers/16');
      assert.equal('0x' + headerRoot(bootstrap.data.header.beacon).toString('hex'), data.root);
      const other = await lodestarClient(net.network, bootstrap);
      const slot = net.head().wall_slot;
      for (const update of updates) other.update(slot, update);
      const finality = await client.get(`${LIGHT}/finality_update`);
      other.finality(slot, finality);
      other.optimistic(slot, await client.get(`${LIGHT}/optimistic_update`));
      assert.equal(other.finalizedSlot(), slotOf(finality.data.finalized_header));
      assert.ok(other.finalizedSlot() >= 128, `finalized slot ${other.finalizedSlot()}`);
      assert.ok(other.optimisticSlot() >= 149, `optimistic slot ${other.optimisticSlot()}`);
    });
    await test('@lodestar/light-client refuses a bad signature and a bad finality branch', async () => {
      const other = await lodestarClient(net.network, bootstrap);
      for (const update of updates) other.update(net.head().wall_slot, update);
      for (const kind of ['bad_signature', 'bad_finality_branch', 'wrong_network', 'not_in_subgroup']) {
        net.lie({beacon: 0, kind});
        const answer = await client.get(`${LIGHT}/finality_update`);
        assert.throws(() => other.finality(net.head().wall_slot, answer), undefined, kind);
      }
    });
  } finally {
    await net.stop();
  }
}

async function crossing(run) {
  const {net, client, verifier} = run;
  const stream = client.events(['light_client_optimistic_update', 'light_client_finality_update']);
  const seen = {versions: new Set(), periods: new Set(), mixed: 0, blocks: 0};
  try {
    while (verifier.optimistic === null || slotOf(verifier.optimistic) < 80) {
      const {event, data: answer} = await stream.next(3000);
      verifier.accept(answer);
      const {attested_header: attested, finalized_header: finalized} = answer.data;
      seen.versions.add(answer.version);
      seen.periods.add(verifier.period(slotOf(attested)));
      if (finalized && verifier.forkAt(verifier.epoch(slotOf(finalized))) !== answer.version) seen.mixed++;
      if (event.includes('finality')) continue;
      const block = await net.net.anvil.rpc('eth_getBlockByHash', [hashOf(attested), false]);
      assert.equal(elHash(block), hashOf(attested), 'keccak(rlp(header)) is the proven hash');
      seen.blocks++;
      if (slotOf(attested) % 8 === 3) {
        for (const update of await client.updates(0, 9, verifier)) verifier.accept(update);
        verifier.accept(await client.both(`${LIGHT}/optimistic_update`, 'OptimisticUpdate'));
        verifier.accept(await client.both(`${LIGHT}/finality_update`, 'FinalityUpdate'));
      }
    }
  } finally {
    stream.close();
  }
  assert.deepEqual([...seen.versions], ['electra', 'fulu', 'gloas']);
  assert.deepEqual([...seen.periods], [0, 1]);
  assert.ok(seen.mixed >= 16, `${seen.mixed} objects held a finalized header of an older fork`);
  assert.ok(seen.blocks >= 40, `${seen.blocks} execution headers compared`);
}

async function shapes({net, client}) {
  const {data: spec} = await client.get('/eth/v1/config/spec');
  for (const [key, value] of Object.entries(net.network)) assert.deepEqual(spec[key], value, key);
  const {data: genesis} = await client.get('/eth/v1/beacon/genesis');
  assert.equal(genesis.genesis_validators_root, net.network.GENESIS_VALIDATORS_ROOT);
  const {data: schedule} = await client.get('/eth/v1/config/fork_schedule');
  assert.equal(schedule.at(-1).current_version, net.network.GLOAS_FORK_VERSION);
  for (const id of ['head', 'finalized', 'genesis', '3']) {
    const {data} = await client.get(`/eth/v1/beacon/headers/${id}`);
    assert.equal('0x' + headerRoot(data.header.message).toString('hex'), data.root, id);
    assert.equal((await client.get(`/eth/v1/beacon/blocks/${id}/root`)).data.root, data.root, id);
    assert.equal((await client.get(`/eth/v1/beacon/headers/${data.root}`)).data.root, data.root, id);
  }
  const head = (await client.get('/eth/v1/beacon/headers/head')).data.root;
  for (const [route, status] of [[`${LIGHT}/bootstrap/${head}`, 404], [`${LIGHT}/bootstrap/0x${'00'.repeat(32)}`, 404],
    [`${LIGHT}/bootstrap/zz`, 400], [`${LIGHT}/updates?start_period=x`, 400], ['/eth/v1/nothing', 404],
    ['/eth/v1/beacon/headers/99999', 404]]) {
    assert.equal((await client.raw(route)).status, status, route);
  }
}

async function lies({net, client, verifier}) {
  const reasons = {bad_signature: /^signature$/, not_in_subgroup: /^signature$/, wrong_network: /^signature$/,
    wrong_committee: /^signature$/, bad_finality_branch: /^finality branch$/,
    bad_execution_branch: /^execution branch$/, future: /in the future/, wrong_fork: /^version/};
  const route = `${LIGHT}/finality_update`;
  for (const [kind, reason] of Object.entries(reasons)) {
    net.lie({beacon: 0, kind});
    const answer = await client.get(route);
    assert.throws(() => verifier.accept(answer), {message: reason}, kind);
  }
  net.lie({beacon: 0, kind: 'stale'});
  const stale = await client.get(route);
  verifier.accept(stale);
  assert.ok(slotOf(stale.data.attested_header) < net.head().slot - 10, 'the stale one is old and valid');
  const statuses = {html: 200, http_500: 500, rate_limit: 429, redirect: 302, truncated: 200, duplicate_keys: 200,
    gzip_bomb: 200};
  for (const [kind, status] of Object.entries(statuses)) {
    net.lie({beacon: 0, kind});
    const reply = await client.raw(route, {redirect: 'manual'});
    assert.equal(reply.status, status, kind);
    const text = kind === 'gzip_bomb' ? (await reply.body.cancel(), '') : await reply.text();
    if (kind === 'truncated' || kind === 'html') assert.throws(() => JSON.parse(text), undefined, kind);
    if (kind === 'duplicate_keys') assert.match(text, /"version":.*"version":/);
  }
  for (const kind of ['oversized', 'slow_drip', 'cut']) {
    net.lie({beacon: 0, kind});
    const reading = client.raw(route, {signal: AbortSignal.timeout(700)}).then((reply) => reply.arrayBuffer());
    await assert.rejects(reading, undefined, kind);
  }
  net.lie({beacon: 0, kind: 'wrong_checkpoint', times: 2});
  const wrong = (await client.get('/eth/v1/beacon/headers/finalized')).data.root;
  assert.equal((await client.get('/eth/v1/beacon/blocks/finalized/root')).data.root, wrong);
  assert.notEqual(wrong, (await client.get('/eth/v1/beacon/headers/finalized')).data.root);
  assert.deepEqual(net.state().beacons[0].lies, [], 'every lie was told');
  verifier.accept(await client.get(route));
}

async function chainControls({net, client, verifier}) {
  const stream = client.events(['light_client_finality_update', 'chain_reorg', 'head']);
  const post = (name, body) => client.post(`${net.controlUrl}/devnet/${name}`, body);
  try {
    await test('skip leaves slots without a block', async () => {
      const {slot} = net.head();
      await post('skip', {slots: 2});
      const next = await stream.until((e) => e.event === 'head' && Number(e.data.slot) > slot + 2);
      assert.equal(Number(next.data.slot), slot + 3);
      assert.equal((await client.raw(`/eth/v1/beacon/headers/${slot + 1}`)).status, 404);
    });
    await test('undelivered payloads leave the proven execution block where it was', async () => {
      await post('undelivered', {slots: 2});
      const hashes = [];
      while (hashes.length < 5) {
        const {data} = await stream.until((e) => e.event === 'light_client_finality_update');
        verifier.accept(data);
        hashes.push(hashOf(data.data.attested_header));
      }
      assert.equal(new Set(hashes).size, 3, hashes.map((h) => h.slice(0, 8)).join(' '));
    });
    await test('a reorg replaces the last blocks, keeps their transactions and is not undone', async () => {
      const from = (await net.net.anvil.rpc('eth_accounts'))[0];
      const hash = await net.net.anvil.rpc('eth_sendTransaction', [{from, to: from, value: '0x1'}]);
      await stream.until((e) => e.event === 'head');
      const {from: old, to} = await post('reorg', {depth: 2});
      assert.equal(to.slot, old.slot);
      assert.notEqual(to.root, old.root);
      await stream.until((e) => e.event === 'chain_reorg');
      assert.equal((await client.get(`/eth/v1/beacon/headers/${old.root}`)).data.canonical, false);
      await stream.until((e) => e.event === 'head' && Number(e.data.slot) > to.slot);
      assert.equal((await net.net.anvil.rpc('eth_getTransactionReceipt', [hash])).status, '0x1');
      verifier.accept(await client.both(`${LIGHT}/finality_update`, 'FinalityUpdate'));
      assert.match((await post('reorg', {depth: 60}))?.error, /finality/);
    });
    await test('low participation signs less and stops finality until it is back', async () => {
      await post('participation', {value: 0.4});
      const {data} = await stream.until((e) => e.event === 'light_client_finality_update'
        && e.data.data.sync_aggregate.sync_committee_bits !== '0xffffffff');
      assert.equal(verifier.accept(data), 13);
      const before = net.state();
      const epoch = Math.floor(before.head.slot / 8);
      await stream.until((e) => e.event === 'head' && Number(e.data.slot) >= (epoch + 3) * 8);
      const {data: held} = await client.get('/eth/v1/beacon/states/head/finality_checkpoints');
      const final = Number(held.finalized.epoch);
      assert.ok(final <= epoch - 1, `finalized epoch ${final} in epoch ${epoch + 3}`);
      await post('participation', {value: 1});
      await stream.until((e) => e.event === 'head' && net.checkpoint().slot > (epoch + 2) * 8);
    });
  } finally {
    stream.close();
  }
}

async function offline({net, client}) {
  const other = new Client(net.beaconUrls[1]);
  const stream = client.events(['head']);
  await stream.next(3000);
  net.offline({beacon: 0, ms: 600});
  await assert.rejects(stream.until(() => false), undefined, 'the stream ends');
  await assert.rejects(client.get('/eth/v1/node/version'));
  assert.equal((await other.raw('/eth/v1/node/version')).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal((await client.raw('/eth/v1/node/version')).status, 200);
  await net.offline({beacon: 1});
  await assert.rejects(other.get('/eth/v1/node/version'));
  await net.resume({});
  assert.equal((await other.raw('/eth/v1/node/version')).status, 200);
}

async function commandLine() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'hearth-check-'));
  const file = path.join(dir, 'network.json');
  const script = fileURLToPath(new URL('./devnet.mjs', import.meta.url));
  const args = [script, '--preset', 'mainnet', '--network-out', file, '--beacons', '3', '--with-parent'];
  const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']});
  try {
    const started = Date.now();
    let text = '';
    for await (const part of child.stdout) if ((text += part).includes('\n')) break;
    const ready = JSON.parse(text.split('\n')[0]);
    assert.equal(ready.beacons.length, 3);
    assert.ok(Date.now() - started < 15000, 'starts in time');
    const client = new Client(ready.beacons[2]);
    const verifier = new Verifier(JSON.parse(await readFile(file, 'utf8')), types);
    verifier.bootstrap(ready.checkpoint.root, await client.get(`${LIGHT}/bootstrap/${ready.checkpoint.root}`));
    for (const update of (await client.get(`${LIGHT}/updates?start_period=0&count=1`))) verifier.accept(update);
    assert.equal(verifier.accept(await client.get(`${LIGHT}/finality_update`)), 512);
    child.kill('SIGTERM');
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
    await assert.rejects(fetch(ready.rpc, {method: 'POST', body: '{}'}), undefined, 'anvil ended too');
  } finally {
    child.kill('SIGKILL');
    await rm(dir, {recursive: true, force: true});
  }
}

async function main() {
  const timer = setTimeout(() => {
    console.log('FAIL  the whole check took too long');
    results.failed++;
    summary();
    process.exit(1);
  }, LIMIT_MS);
  await test('the command line serves 512 keys, and SIGTERM ends it and anvil', commandLine);
  await olderForks();
  const run = await follow({slotMs: 250, forks: {deneb: 0, electra: 3, fulu: 5, gloas: 7}, history: 33}, 16);
  try {
    await catchUp(run);
    await test('live objects verify across electra, fulu, gloas and a committee change', () => crossing(run));
    await test('configuration, headers and errors are answered as the API says', () => shapes(run));
    await chainControls(run);
    await test('each lie is told once and refused for its own reason', () => lies(run));
    await test('a provider can go away and come back', () => offline(run));
  } finally {
    await run.net.stop();
  }
  clearTimeout(timer);
  summary();
  process.exit(results.failed ? 1 : 0);
}

await main();
