// What check.mjs uses to read a provider: a small HTTP and event client, the wrapper around
// @lodestar/light-client, and the hash of an execution header.
import assert from 'node:assert/strict';
import {encodeRlp, keccak256, toBeHex} from 'ethers';
import {fromHex} from './preset.mjs';

process.env.LODESTAR_PRESET ??= 'minimal';
const {ssz} = await import('@lodestar/types');
export const types = ssz;

const EVENT_LIMIT_MS = 12000;
const containers = (version) => ssz[{bellatrix: 'altair', fulu: 'electra'}[version] ?? version];

class EventReader {
  #queue = [];
  #waiting = null;
  #ended = null;
  #abort = new AbortController();

  constructor(url) {
    this.#read(url).catch((error) => this.#end(error));
  }

  async #read(url) {
    const reply = await fetch(url, {signal: this.#abort.signal});
    let text = '';
    for await (const part of reply.body) {
      text += Buffer.from(part).toString();
      for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
        const [, event, data] = /event: (.+)\ndata: (.+)/.exec(text.slice(0, at)) ?? [];
        text = text.slice(at + 2);
        if (event) this.#put({event, data: JSON.parse(data)});
      }
    }
    this.#end(new Error('the event stream ended'));
  }

  #put(item) {
    if (this.#waiting) this.#waiting.resolve(item);
    else this.#queue.push(item);
    this.#waiting = null;
  }

  #end(error) {
    this.#ended = error;
    this.#waiting?.reject(error);
  }

  next(limitMs) {
    if (this.#queue.length) return Promise.resolve(this.#queue.shift());
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no event in ${limitMs} ms`)), limitMs);
      this.#waiting = {
        resolve: (item) => (clearTimeout(timer), resolve(item)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
    });
  }

  async until(condition) {
    const deadline = Date.now() + EVENT_LIMIT_MS;
    for (;;) {
      const item = await this.next(Math.max(1, deadline - Date.now()));
      if (condition(item)) return item;
    }
  }

  close() {
    this.#abort.abort();
  }
}

export class Client {
  constructor(url) {
    this.url = url;
  }

  raw(route, options = {}) {
    return fetch(this.url + route, options);
  }

  async get(route) {
    const reply = await this.raw(route);
    if (reply.status !== 200) throw new Error(`${route}: HTTP ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  async post(url, body) {
    return (await fetch(url, {method: 'POST', body: JSON.stringify(body)})).json();
  }

  async #binary(route) {
    const reply = await this.raw(route, {headers: {accept: 'application/octet-stream'}});
    assert.equal(reply.headers.get('content-type'), 'application/octet-stream');
    return {version: reply.headers.get('eth-consensus-version'), body: Buffer.from(await reply.arrayBuffer())};
  }

  /** An object as JSON, after asserting that the SSZ answer says the same. */
  async both(route, kind) {
    for (let attempt = 0; ; attempt++) {
      const said = await this.get(route);
      const {version, body} = await this.#binary(route);
      const type = containers(version)[`LightClient${kind}`];
      const decoded = type.toJson(type.deserialize(body));
      // A new slot may have come between the two requests.
      if (attempt < 3 && decoded.signature_slot !== said.data.signature_slot) continue;
      assert.equal(version, said.version);
      assert.deepEqual(decoded, said.data);
      return said;
    }
  }

  /** Updates as JSON, after asserting that the SSZ answer holds the same, under the right digests. */
  async updates(start, count, verifier) {
    const route = `/eth/v1/beacon/light_client/updates?start_period=${start}&count=${count}`;
    const {body} = await this.#binary(route);
    const said = await this.get(route);
    let at = 0;
    for (const {version, data} of said) {
      const length = Number(body.readBigUInt64LE(at));
      const type = containers(version).LightClientUpdate;
      const decoded = type.toJson(type.deserialize(body.subarray(at + 12, at + 8 + length)));
      const digest = verifier.digest(verifier.epoch(Number(decoded.attested_header.beacon.slot)));
      assert.equal(body.subarray(at + 8, at + 12).toString('hex'), digest.toString('hex'), 'fork digest');
      assert.deepEqual(decoded, data);
      at += 8 + length;
    }
    assert.equal(at, body.length);
    return said;
  }

  events(topics) {
    return new EventReader(`${this.url}/eth/v1/events?topics=${topics.join(',')}`);
  }
}

/** keccak(rlp(header)) of a block as anvil prints it (21 fields since Prague). */
export function elHash(block) {
  assert.ok(block, 'anvil has the block');
  const quantity = (value) => (BigInt(value) === 0n ? '0x' : toBeHex(BigInt(value)));
  return keccak256(encodeRlp([block.parentHash, block.sha3Uncles, block.miner, block.stateRoot,
    block.transactionsRoot, block.receiptsRoot, block.logsBloom, quantity(block.difficulty), quantity(block.number),
    quantity(block.gasLimit), quantity(block.gasUsed), quantity(block.timestamp), block.extraData, block.mixHash,
    block.nonce, quantity(block.baseFeePerGas), block.withdrawalsRoot, quantity(block.blobGasUsed),
    quantity(block.excessBlobGas), block.parentBeaconBlockRoot, block.requestsHash]));
}

/** @lodestar/light-client 1.28.1 started from a bootstrap answer; it knows the forks up to Electra's types. */
export async function lodestarClient(network, bootstrap) {
  const {LightclientSpec} = await import('@lodestar/light-client/spec');
  const {createBeaconConfig} = await import('@lodestar/config');
  const {defaultChainConfig} = await import('@lodestar/config/default');
  const chain = {...defaultChainConfig, GENESIS_FORK_VERSION: fromHex(network.GENESIS_FORK_VERSION)};
  for (const fork of ['ALTAIR', 'BELLATRIX', 'CAPELLA', 'DENEB', 'ELECTRA', 'FULU', 'GLOAS']) {
    const epoch = BigInt(network[`${fork}_FORK_EPOCH`]);
    chain[`${fork}_FORK_VERSION`] = fromHex(network[`${fork}_FORK_VERSION`]);
    chain[`${fork}_FORK_EPOCH`] = epoch > 1n << 53n ? Infinity : Number(epoch);
  }
  const config = createBeaconConfig(chain, fromHex(network.GENESIS_VALIDATORS_ROOT));
  const decode = ({version, data}, kind) => containers(version)[`LightClient${kind}`].fromJson(data);
  const spec = new LightclientSpec(config, {allowForcedUpdates: false, updateHeadersOnForcedUpdate: false},
    decode(bootstrap, 'Bootstrap'));
  return {
    update: (slot, answer) => spec.onUpdate(slot, decode(answer, 'Update')),
    finality: (slot, answer) => spec.onFinalityUpdate(slot, decode(answer, 'FinalityUpdate')),
    optimistic: (slot, answer) => spec.onOptimisticUpdate(slot, decode(answer, 'OptimisticUpdate')),
    finalizedSlot: () => spec.store.finalizedHeader.beacon.slot,
    optimisticSlot: () => spec.store.optimisticHeader.beacon.slot,
  };
}
