// One provider: the light client part of the standard Beacon API over HTTP on a loopback port
// (ethereum/beacon-APIs), JSON and SSZ, and its event stream. Several providers share one chain.
import http from 'node:http';
import {specObject, genesisForkVersion} from './forks.mjs';
import {toHex} from './preset.mjs';
import {typeOf} from './lightclient.mjs';
import {Lies} from './lies.mjs';

const MAX_UPDATES = 128;
const EVENT_OF = {optimistic: 'light_client_optimistic_update', finality: 'light_client_finality_update'};

const json = (status, value, headers = {}) => ({
  status,
  headers: {'content-type': 'application/json', ...headers},
  body: Buffer.from(JSON.stringify(value)),
});
const binary = (body, headers) =>
  ({status: 200, headers: {'content-type': 'application/octet-stream', ...headers}, body});
const failure = (status, message) => json(status, {code: status, message});

export class Beacon {
  #sockets = new Set();
  #streams = new Set();
  #timer = null;

  constructor({chain, network, index}) {
    Object.assign(this, {chain, network, index});
    this.lies = new Lies(this);
    this.requests = 0;
    const {preset} = chain;
    chain.on('head', (block) => this.#event('head', () => this.#headEvent(block)));
    chain.on('optimistic', (object) => this.#objectEvent(object));
    chain.on('finality', (object) => this.#objectEvent(object));
    chain.on('finalized', (block) => this.#event('finalized_checkpoint', () => ({
      block: toHex(block.root), state: toHex(block.beacon.stateRoot),
      epoch: String(chain.head.finalized.epoch), execution_optimistic: false})));
    chain.on('reorg', ({depth, oldHead, newHead}) => this.#event('chain_reorg', () => ({
      slot: String(oldHead.slot), depth: String(depth), old_head_block: toHex(oldHead.root),
      new_head_block: toHex(newHead.root), old_head_state: toHex(oldHead.beacon.stateRoot),
      new_head_state: toHex(newHead.beacon.stateRoot), epoch: String(Math.floor(oldHead.slot / preset.slotsPerEpoch)),
      execution_optimistic: false})));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get isOnline() {
    return Boolean(this.server?.listening);
  }

  /** Opens the port (0: a free one, kept from then on). */
  async listen(port) {
    const server = http.createServer((request, response) => this.#serve(request, response));
    server.keepAliveTimeout = 30000;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.server = server;
    this.port = server.address().port;
  }

  /** Closes the port and every connection. */
  async close() {
    clearTimeout(this.#timer);
    if (!this.server) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#streams.clear();
    await closed;
  }

  /** Refuses connections for `ms`, or until resume() when it is not given. */
  async offline(ms) {
    await this.close();
    if (ms > 0) this.#timer = setTimeout(() => this.resume().catch(() => {}), ms);
  }

  async resume() {
    clearTimeout(this.#timer);
    if (!this.isOnline) await this.listen(this.port);
  }

  #serve(request, response) {
    this.requests++;
    request.resume();
    response.on('error', () => {});
    const wantsSsz = /application\/octet-stream/.test(request.headers.accept ?? '') && !this.lies.needsJson;
    try {
      const url = new URL(request.url, 'http://127.0.0.1');
      if (request.method !== 'GET') return this.#send(response, failure(405, 'only GET is served'));
      if (url.pathname === '/eth/v1/events') return this.#stream(url, response);
      const {name, reply} = this.#route(url, wantsSsz);
      return this.lies.send(name, response, reply) || this.#send(response, reply);
    } catch (error) {
      return this.#send(response, failure(500, error.message));
    }
  }

  #send(response, {status, headers, body}) {
    response.writeHead(status, {...headers, 'content-length': body.length});
    response.end(body);
  }

  #route(url, wantsSsz) {
    const parts = url.pathname.split('/').filter(Boolean);
    const [eth, v1, area, ...rest] = parts;
    if (eth !== 'eth' || v1 !== 'v1') return {name: 'other', reply: failure(404, 'unknown route')};
    const handler = {beacon: this.#beaconRoute, config: this.#configRoute, node: this.#nodeRoute}[area];
    const found = handler?.call(this, rest, url, wantsSsz);
    return found ?? {name: 'other', reply: failure(404, 'unknown route')};
  }

  #configRoute([what]) {
    const {network, chain} = this;
    if (what === 'spec') return {name: 'spec', reply: json(200, {data: specObject(network, chain.preset)})};
    if (what === 'fork_schedule') return {name: 'spec', reply: json(200, {data: chain.schedule.toJson()})};
    return null;
  }

  #nodeRoute([what]) {
    const slot = String(this.chain.head.slot);
    const data = {
      version: {version: 'hearth-devnet/1'},
      syncing: {head_slot: slot, sync_distance: '0', is_syncing: false, is_optimistic: false, el_offline: false},
    }[what];
    return data && {name: 'node', reply: json(200, {data})};
  }

  #beaconRoute([what, id, more], url, wantsSsz) {
    if (what === 'light_client') return this.#lightClientRoute(id, more, url, wantsSsz);
    if (what === 'genesis') {
      const {GENESIS_TIME, GENESIS_VALIDATORS_ROOT} = this.network;
      const data = {genesis_time: GENESIS_TIME, genesis_validators_root: GENESIS_VALIDATORS_ROOT,
        genesis_fork_version: genesisForkVersion()};
      return {name: 'genesis', reply: json(200, {data})};
    }
    const name = id === 'finalized' ? 'finalized' : 'headers';
    if (what === 'headers' && id) return {name, reply: this.#header(id)};
    if (what === 'blocks' && more === 'root') return {name, reply: this.#blockRoot(id)};
    if (what === 'states' && more === 'finality_checkpoints') return {name: 'finalized', reply: this.#checkpoints(id)};
    return null;
  }

  #block(id) {
    const {chain} = this;
    if (id === 'head') return chain.head;
    if (id === 'finalized') return chain.finalized ?? chain.canonical[0];
    if (id === 'genesis') return chain.canonical[0];
    if (/^0x[0-9a-f]{64}$/i.test(id)) return chain.byRoot(id);
    return /^\d{1,15}$/.test(id) ? chain.bySlot(Number(id)) : undefined;
  }

  #about(block) {
    return {execution_optimistic: false, finalized: block.slot <= (this.chain.finalized?.slot ?? 0)};
  }

  #claimedBlock(id) {
    return (id === 'finalized' && this.lies.checkpoint()) || this.#block(id);
  }

  #header(id) {
    const block = this.#claimedBlock(id);
    if (!block) return failure(404, 'block not found');
    const message = this.chain.preset.ssz.phase0.BeaconBlockHeader.toJson(block.beacon);
    const data = {root: toHex(block.root), canonical: id === 'finalized' || this.chain.isCanonical(block),
      header: {message, signature: '0x' + '00'.repeat(96)}};
    return json(200, {...this.#about(block), data}, {'eth-consensus-version': block.fork});
  }

  #blockRoot(id) {
    const block = this.#claimedBlock(id);
    if (!block) return failure(404, 'block not found');
    return json(200, {...this.#about(block), data: {root: toHex(block.root)}});
  }

  #checkpoints(id) {
    const block = this.#block(id);
    if (!block) return failure(404, 'state not found');
    const print = ({epoch, root}) => ({epoch: String(epoch), root: toHex(root)});
    const lie = this.lies.checkpoint();
    const finalized = lie ? {epoch: block.finalized.epoch, root: lie.root} : block.finalized;
    return json(200, {...this.#about(block), data: {previous_justified: print(block.previousJustified),
      current_justified: print(block.justified), finalized: print(finalized)}});
  }

  #lightClientRoute(what, root, url, wantsSsz) {
    const {chain} = this;
    if (what === 'updates') return {name: 'updates', reply: this.#updates(url, wantsSsz)};
    let object = null;
    if (what === 'bootstrap') {
      if (!/^0x[0-9a-f]{64}$/i.test(root ?? '')) return {name: 'other', reply: failure(400, 'not a block root')};
      const block = chain.byRoot(root);
      object = block && chain.bootstrap(block);
    } else if (what === 'finality_update') object = chain.latest('finality');
    else if (what === 'optimistic_update') object = chain.latest('optimistic');
    else return null;
    if (!object) return {name: what, reply: failure(404, `no ${what} available`)};
    const [said] = this.lies.objects(what, [object]);
    const headers = {'eth-consensus-version': said.fork};
    return {name: what, reply: wantsSsz ? binary(this.#ssz(said), headers) : json(200, this.#json(said), headers)};
  }

  // `shape` differs from `fork` only in a lie about the fork.
  #type({kind, fork, shape}) {
    return typeOf(this.chain.preset, kind, shape ?? fork);
  }

  #ssz(object) {
    return Buffer.from(this.#type(object).serialize(object.value));
  }

  #json(object) {
    return {version: object.fork, data: this.#type(object).toJson(object.value)};
  }

  #updates(url, wantsSsz) {
    const [start, count] = ['start_period', 'count'].map((key) => url.searchParams.get(key) ?? '');
    const isNumber = (text) => /^\d{1,15}$/.test(text);
    if (!isNumber(start) || !isNumber(count)) return failure(400, 'start_period and count are needed');
    const found = [];
    const {chain} = this;
    const last = Math.min(Number(start) + Math.min(Number(count), MAX_UPDATES) - 1, chain.head.period);
    for (let period = Number(start); period <= last; period++) {
      const object = chain.update(period);
      if (object) found.push(object);
    }
    const objects = this.lies.objects('updates', found);
    const headers = objects.length ? {'eth-consensus-version': objects[0].fork} : {};
    if (!wantsSsz) return json(200, objects.map((object) => this.#json(object)), headers);
    const body = Buffer.concat(objects.map((object) => {
      const ssz = this.#ssz(object);
      const prefix = Buffer.alloc(12);
      prefix.writeBigUInt64LE(BigInt(ssz.length + 4));
      prefix.set(object.digest ?? chain.schedule.digestAt(chain.schedule.epochOf(object.slot)), 8);
      return Buffer.concat([prefix, ssz]);
    }));
    return binary(body, headers);
  }

  #stream(url, response) {
    const reply = {status: 200, headers: {'content-type': 'text/event-stream'}, body: Buffer.from(':\n\n')};
    if (this.lies.send('events', response, reply)) return;
    const topics = new Set(url.searchParams.getAll('topics').flatMap((list) => list.split(',')));
    response.writeHead(200, {...reply.headers, 'cache-control': 'no-cache'});
    response.write(reply.body);
    const stream = {topics, response};
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
  }

  #event(topic, data) {
    const listeners = [...this.#streams].filter((stream) => stream.topics.has(topic));
    if (listeners.length === 0) return;
    const text = `event: ${topic}\ndata: ${JSON.stringify(data())}\n\n`;
    for (const {response} of listeners) response.write(text);
  }

  #objectEvent(object) {
    this.#event(EVENT_OF[object.kind], () => this.#json(this.lies.objects('events', [object])[0]));
  }

  #headEvent(block) {
    const {slotsPerEpoch} = this.chain.preset;
    return {slot: String(block.slot), block: toHex(block.root), state: toHex(block.beacon.stateRoot),
      epoch_transition: block.slot % slotsPerEpoch === 0, current_duty_dependent_root: toHex(block.justified.root),
      previous_duty_dependent_root: toHex(block.previousJustified.root), execution_optimistic: false};
  }
}
