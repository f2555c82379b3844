// How a provider can lie or fail, for tests of what the node refuses. A lie about an object changes
// one thing only and keeps the rest true (signed again with the real keys where it must be), so
// that a test proves the one check it is about. The chain itself stays true.
import {randomBytes} from 'node:crypto';
import {gzip} from 'node:zlib';
import {pointOutsideSubgroup} from './keys.mjs';
import {bootstrapOf, typeOf} from './lightclient.mjs';

const SIGNED = ['update', 'finality', 'optimistic'];
const ALL = [...SIGNED, 'bootstrap'];
const OTHER_PERIOD = 1000000;
const BOMB_BYTES = 128 << 20;
const ENDLESS_BYTES = 2 ** 30;
const DRIP_MS = 200;

const flip = (bytes) => Uint8Array.from(bytes, (byte, i) => (i === 5 ? byte ^ 1 : byte));
const flipIn = (branch, at = 1) => branch.map((node, i) => (i === at ? flip(node) : node));

function resign({chain}, object, {period, genesisValidatorsRoot, root} = {}) {
  const {preset, schedule, keyring} = chain;
  const {attestedHeader, signatureSlot, syncAggregate} = object.value;
  const signed = root ?? preset.ssz.phase0.BeaconBlockHeader.hashTreeRoot(attestedHeader.beacon);
  syncAggregate.syncCommitteeSignature = keyring.sign(period ?? schedule.periodOf(signatureSlot),
    syncAggregate.syncCommitteeBits.toBoolArray(), schedule.signingRoot(signed, signatureSlot, genesisValidatorsRoot));
}

function olderObject({chain}, object) {
  const back = 2 * chain.preset.slotsPerEpoch;
  if (object.kind === 'update') return chain.update(chain.schedule.periodOf(object.slot) - 1) ?? object;
  if (object.kind !== 'bootstrap') return chain.latest(object.kind, back) ?? object;
  const block = chain.bySlot(object.slot - back);
  return block?.slot ? bootstrapOf(chain.preset, chain.keyring, block) : object;
}

/** Each takes (beacon, a private copy of the object) and gives the object that is sent instead. */
const OBJECT_LIES = {
  bad_signature: {of: SIGNED, tell: (beacon, object) => {
    resign(beacon, object, {root: randomBytes(32)});
    return object;
  }},
  not_in_subgroup: {of: SIGNED, tell: (beacon, object) => {
    object.value.syncAggregate.syncCommitteeSignature = pointOutsideSubgroup();
    return object;
  }},
  wrong_network: {of: SIGNED, tell: (beacon, object) => {
    resign(beacon, object, {genesisValidatorsRoot: new Uint8Array(32).fill(0x4b)});
    return object;
  }},
  bad_finality_branch: {of: ['update', 'finality'], tell: (beacon, object) => {
    object.value.finalityBranch = flipIn(object.value.finalityBranch, object.value.finalityBranch.length - 2);
    return object;
  }},
  bad_execution_branch: {of: ALL, tell: (beacon, object) => {
    const header = object.value.attestedHeader ?? object.value.header;
    if (header.executionBranch) header.executionBranch = flipIn(header.executionBranch);
    return object;
  }},
  wrong_committee: {of: ALL, tell: (beacon, object) => {
    const {value} = beacon.chain.keyring.committee(OTHER_PERIOD);
    if (object.kind === 'update') object.value.nextSyncCommittee = value;
    else if (object.kind === 'bootstrap') object.value.currentSyncCommittee = value;
    else resign(beacon, object, {period: OTHER_PERIOD});
    return object;
  }},
  future: {of: SIGNED, tell: (beacon, object) => {
    const ahead = 2 * beacon.chain.preset.slotsPerEpoch;
    object.value.attestedHeader.beacon.slot += ahead;
    object.value.signatureSlot += ahead;
    resign(beacon, object);
    return object;
  }},
  stale: {of: ALL, tell: olderObject},
  wrong_fork: {of: ALL, tell: ({chain}, object) => {
    const said = ['electra', 'fulu', 'gloas'].includes(object.fork) ? 'deneb' : 'electra';
    return {...object, fork: said, shape: object.fork, digest: chain.schedule.digestOf(said)};
  }},
};

function endless(response, {headers, body}) {
  response.writeHead(200, headers);
  const filler = Buffer.alloc(65536, headers['content-type']?.includes('json') ? ' ' : 0);
  let sent = 0;
  const more = () => {
    while (!response.destroyed && sent < ENDLESS_BYTES) {
      sent += filler.length;
      if (!response.write(filler)) return response.once('drain', more);
    }
    return response.destroy();
  };
  response.write(body.subarray(0, body.length - 1));
  more();
}

function drip(response, {status, headers, body}) {
  response.writeHead(status, {...headers, 'content-length': body.length});
  let at = 0;
  const timer = setInterval(() => {
    if (response.destroyed || at >= body.length) {
      clearInterval(timer);
      response.end();
    } else response.write(body.subarray(at, ++at));
  }, DRIP_MS);
}

function bomb(response, {status, headers, body}) {
  const blown = Buffer.concat([Buffer.alloc(BOMB_BYTES, ' '), body]);
  gzip(blown, {level: 1}, (error, packed) => {
    if (error) return response.destroy();
    response.writeHead(status, {...headers, 'content-encoding': 'gzip', 'content-length': packed.length});
    return response.end(packed);
  });
}

function plain(response, status, headers, text) {
  response.writeHead(status, {'content-length': Buffer.byteLength(text), ...headers});
  response.end(text);
}

/** Each takes (response, the true reply, the lie) and answers. */
const TRANSPORT_LIES = {
  truncated: (response, reply) => {
    const body = reply.body.subarray(0, reply.body.length >> 1);
    response.writeHead(reply.status, {...reply.headers, 'content-length': body.length});
    response.end(body);
  },
  cut: (response, reply) => {
    response.writeHead(reply.status, {...reply.headers, 'content-length': reply.body.length});
    response.write(reply.body.subarray(0, reply.body.length >> 1), () => response.destroy());
  },
  oversized: endless,
  slow_drip: drip,
  gzip_bomb: bomb,
  html: (response) => plain(response, 200, {'content-type': 'text/html'}, '<!doctype html><title>Welcome</title>'),
  http_500: (response) => plain(response, 500, {'content-type': 'application/json'}, '{"code":500,"message":"no"}'),
  rate_limit: (response, reply, {retry_after: seconds = 2}) => plain(response, 429,
    {'content-type': 'application/json', 'retry-after': String(seconds)}, '{"code":429,"message":"too many requests"}'),
  redirect: (response, reply, {to = '/eth/v1/node/version'}) => plain(response, 302, {location: to}, ''),
  duplicate_keys: (response, reply) => {
    const text = reply.body.toString().replace(/\{("[^"]+":)/, '{$1null,$1');
    plain(response, reply.status, reply.headers, text);
  },
};

export const LIE_KINDS = [...Object.keys(OBJECT_LIES), 'wrong_checkpoint', ...Object.keys(TRANSPORT_LIES)];

/** The lies of one provider. A lie is used up after `times` answers; 0 keeps it until stop(). */
export class Lies {
  #lies = [];

  constructor(beacon) {
    this.beacon = beacon;
  }

  start({kind, times = 1, on = null, ...rest}) {
    const names = on === null ? null : [on].flat();
    this.#lies.push({kind, on: names, left: times > 0 ? times : Infinity, told: 0, ...rest});
  }

  stop() {
    this.#lies = [];
  }

  describe() {
    return this.#lies.map(({kind, on, left, told}) => ({kind, on, left: left === Infinity ? 'all' : left, told}));
  }

  #take(name, applies) {
    const lie = this.#lies.find((one) => (one.on ? one.on.includes(name) : name !== 'events' || OBJECT_LIES[one.kind])
      && applies(one.kind));
    if (!lie) return null;
    lie.told++;
    if (--lie.left === 0) this.#lies = this.#lies.filter((one) => one !== lie);
    return lie;
  }

  /** The objects of one answer, each changed by the lie that is due for it, if any. */
  objects(name, objects) {
    const {beacon} = this;
    const kind = objects[0]?.kind;
    const lie = kind && this.#take(name, (one) => OBJECT_LIES[one]?.of.includes(kind));
    if (!lie) return objects;
    return objects.map((object) => {
      const type = typeOf(beacon.chain.preset, object.kind, object.fork);
      const copy = {...object, value: type.deserialize(type.serialize(object.value))};
      return OBJECT_LIES[lie.kind].tell(beacon, copy);
    });
  }

  /** A block that is not on the chain, to be called the finalized one; null when no such lie is due. */
  checkpoint() {
    const lie = this.#take('finalized', (one) => one === 'wrong_checkpoint');
    const {finalized, preset} = this.beacon.chain;
    if (!lie || !finalized) return null;
    lie.stateRoot ??= randomBytes(32);
    const {slot, proposerIndex, parentRoot, bodyRoot} = finalized.beacon;
    const beacon = {slot, proposerIndex, parentRoot, stateRoot: lie.stateRoot, bodyRoot};
    const root = lie.root ? Buffer.from(lie.root.slice(2), 'hex')
      : preset.ssz.phase0.BeaconBlockHeader.hashTreeRoot(beacon);
    return {...finalized, beacon, root};
  }

  /** True while an answer must be JSON for the lie to make sense. */
  get needsJson() {
    return this.#lies.some(({kind}) => kind === 'duplicate_keys');
  }

  /** Answers in a broken way when that is due; false leaves it to the caller. */
  send(name, response, reply) {
    const lie = this.#take(name, (kind) => Boolean(TRANSPORT_LIES[kind]));
    if (!lie) return false;
    TRANSPORT_LIES[lie.kind](response, reply, lie);
    return true;
  }
}
