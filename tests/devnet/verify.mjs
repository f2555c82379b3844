// A light client written from the specification for check.mjs: it shares no code with what it
// checks and reads only what a provider sent (JSON). Hashing of headers, committees, domains,
// digests and branches is done here by hand; only execution payload headers use library types.
import {createHash} from 'node:crypto';
import blst from '@chainsafe/blst';

const FORKS = ['phase0', 'altair', 'bellatrix', 'capella', 'deneb', 'electra', 'fulu', 'gloas'];
const GINDICES = {
  altair: {finalized: 105, current: 54, next: 55},
  electra: {finalized: 169, current: 86, next: 87},
  gloas: {finalized: 735, current: 2945, next: 2946},
};
const ZERO = Buffer.alloc(32);
const SIZES = {minimal: {epoch: 8, period: 64, committee: 32}, mainnet: {epoch: 32, period: 8192, committee: 512}};

const bytes = (hex) => Buffer.from(hex.slice(2), 'hex');
const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const isZero = (list) => list.every((node) => /^0x0*$/.test(node));

function uint64(value) {
  const buf = Buffer.alloc(32);
  buf.writeBigUInt64LE(BigInt(value));
  return buf;
}

function merkleize(chunks) {
  let layer = chunks;
  while (layer.length > 1) {
    layer = layer.flatMap((node, i) => (i % 2 ? [] : [sha(node, layer[i + 1] ?? ZERO)]));
  }
  return layer[0];
}

export function headerRoot(beacon) {
  return merkleize([uint64(beacon.slot), uint64(beacon.proposer_index), bytes(beacon.parent_root),
    bytes(beacon.state_root), bytes(beacon.body_root), ZERO, ZERO, ZERO]);
}

function committeeRoot({pubkeys, aggregate_pubkey: aggregate}) {
  const keyRoot = (key) => sha(bytes(key), Buffer.alloc(16));
  return sha(merkleize(pubkeys.map(keyRoot)), keyRoot(aggregate));
}

/** is_valid_normalized_merkle_branch: extra nodes in front of the branch must be zero. */
function holdsBranch(leaf, branch, gindex, root) {
  const depth = Math.floor(Math.log2(gindex));
  const extra = branch.length - depth;
  if (extra < 0 || !isZero(branch.slice(0, extra))) return false;
  const top = branch.slice(extra).reduce((node, sibling, i) =>
    ((gindex >> i) & 1 ? sha(bytes(sibling), node) : sha(node, bytes(sibling))), leaf);
  return top.equals(root);
}

function assert(condition, reason) {
  if (!condition) throw new Error(reason);
}

export class Verifier {
  /** `network`: the custom network file; `ssz`: library types for execution payload headers. */
  constructor(network, ssz) {
    this.network = network;
    this.ssz = ssz;
    this.sizes = SIZES[network.PRESET_BASE];
    this.committees = new Map();
    this.finalized = null;
    this.optimistic = null;
  }

  period = (slot) => Math.floor(slot / this.sizes.period);
  epoch = (slot) => Math.floor(slot / this.sizes.epoch);

  forkAt(epoch) {
    const start = (name) => BigInt(this.network[`${name.toUpperCase()}_FORK_EPOCH`] ?? 0);
    return FORKS.findLast((name) => start(name) <= BigInt(epoch));
  }

  currentSlot() {
    return Math.floor((Date.now() - Number(this.network.GENESIS_TIME) * 1000) / Number(this.network.SLOT_DURATION_MS));
  }

  #forkDataRoot(fork) {
    const version = this.network[`${fork === 'phase0' ? 'GENESIS' : fork.toUpperCase()}_FORK_VERSION`];
    return sha(bytes(version), Buffer.alloc(28), bytes(this.network.GENESIS_VALIDATORS_ROOT));
  }

  digest(epoch) {
    const fork = this.forkAt(epoch);
    const base = this.#forkDataRoot(fork).subarray(0, 4);
    if (FORKS.indexOf(fork) < FORKS.indexOf('fulu')) return base;
    const entry = this.network.BLOB_SCHEDULE.findLast((one) => Number(one.EPOCH) <= epoch)
      ?? {EPOCH: this.network.ELECTRA_FORK_EPOCH, MAX_BLOBS_PER_BLOCK: this.network.MAX_BLOBS_PER_BLOCK_ELECTRA};
    const mask = sha(uint64(entry.EPOCH).subarray(0, 8), uint64(entry.MAX_BLOBS_PER_BLOCK).subarray(0, 8));
    return Buffer.from(base.map((byte, i) => byte ^ mask[i]));
  }

  #gindices(slot) {
    const at = FORKS.indexOf(this.forkAt(this.epoch(slot)));
    return GINDICES[['gloas', 'electra', 'altair'].find((name) => at >= FORKS.indexOf(name))];
  }

  /** Checks one LightClientHeader inside an object of fork `as`. */
  header(header, as) {
    const own = this.forkAt(this.epoch(Number(header.beacon.slot)));
    const body = bytes(header.beacon.body_root);
    if (as === 'gloas') {
      const gindex = {gloas: 2856, capella: 412}[own] ?? 812;
      if (FORKS.indexOf(own) < FORKS.indexOf('capella')) return;
      assert(header.execution === undefined, 'a Gloas header shows a payload header');
      const leaf = bytes(header.execution_block_hash);
      assert(holdsBranch(leaf, header.execution_branch, gindex, body), 'execution branch');
      return;
    }
    if (FORKS.indexOf(as) < FORKS.indexOf('capella')) {
      assert(!header.execution, 'an Altair header shows a payload header');
      return;
    }
    if (FORKS.indexOf(own) < FORKS.indexOf('capella')) {
      assert(isZero(header.execution_branch), 'execution data where there was none');
      return;
    }
    const type = this.ssz[own === 'capella' ? 'capella' : 'deneb'].ExecutionPayloadHeader;
    const root = Buffer.from(type.hashTreeRoot(type.fromJson(header.execution)));
    assert(header.execution_branch.length === 4, 'execution branch length');
    assert(holdsBranch(root, header.execution_branch, 25, body), 'execution branch');
  }

  #version({version, data}, header) {
    const slot = Number(header.beacon.slot);
    assert(version === this.forkAt(this.epoch(slot)), `version ${version} for slot ${slot}`);
    assert(data !== undefined, 'no data');
  }

  bootstrap(root, answer) {
    const {header, current_sync_committee: committee, current_sync_committee_branch: branch} = answer.data;
    this.#version(answer, header);
    assert(headerRoot(header.beacon).equals(bytes(root)), 'bootstrap root');
    this.header(header, answer.version);
    const slot = Number(header.beacon.slot);
    const {current} = this.#gindices(slot);
    assert(branch.length === Math.floor(Math.log2(current)), 'committee branch length');
    assert(holdsBranch(committeeRoot(committee), branch, current, bytes(header.beacon.state_root)), 'committee branch');
    this.committees.set(this.period(slot), committee);
    this.finalized = header;
    this.optimistic = header;
  }

  #signature(header, data) {
    const slot = Number(data.signature_slot);
    assert(slot > Number(header.beacon.slot), 'signature slot order');
    assert(slot <= this.currentSlot(), 'signature slot in the future');
    const committee = this.committees.get(this.period(slot));
    assert(committee, `committee of period ${this.period(slot)} not known`);
    const bits = bytes(data.sync_aggregate.sync_committee_bits);
    assert(bits.length * 8 === committee.pubkeys.length && bits.length * 8 === this.sizes.committee, 'committee size');
    const keys = committee.pubkeys.filter((_, i) => (bits[i >> 3] >> (i & 7)) & 1);
    assert(keys.length > 0, 'nobody signed');
    const domain = Buffer.concat([Buffer.of(7, 0, 0, 0),
      this.#forkDataRoot(this.forkAt(this.epoch(slot - 1))).subarray(0, 28)]);
    const message = sha(headerRoot(header.beacon), domain);
    const points = keys.map((key) => blst.PublicKey.fromBytes(bytes(key)));
    let good = false;
    try {
      const signature = blst.Signature.fromBytes(bytes(data.sync_aggregate.sync_committee_signature), true);
      good = blst.fastAggregateVerify(message, points, signature, false);
    } catch { /* not a point of the group: as bad as a wrong one */ }
    assert(good, 'signature');
    return keys.length;
  }

  #finality(data, version) {
    const {finalized_header: finalized, attested_header: attested, finality_branch: branch} = data;
    const {finalized: gindex} = this.#gindices(Number(attested.beacon.slot));
    assert(branch.length === Math.floor(Math.log2(gindex)), 'finality branch length');
    const atGenesis = Number(finalized.beacon.slot) === 0;
    const leaf = atGenesis ? ZERO : headerRoot(finalized.beacon);
    assert(holdsBranch(leaf, branch, gindex, bytes(attested.beacon.state_root)), 'finality branch');
    if (!atGenesis) this.header(finalized, version);
  }

  /** Checks an object of any of the three signed kinds and takes over what it proves. Gives the signers' number. */
  accept(answer) {
    const {data, version} = answer;
    const attested = data.attested_header;
    this.#version(answer, attested);
    this.header(attested, version);
    const slot = Number(attested.beacon.slot);
    if (data.finality_branch) this.#finality(data, version);
    if (data.next_sync_committee) {
      const {next} = this.#gindices(slot);
      const branch = data.next_sync_committee_branch;
      assert(branch.length === Math.floor(Math.log2(next)), 'next committee branch length');
      assert(holdsBranch(committeeRoot(data.next_sync_committee), branch, next, bytes(attested.beacon.state_root)),
        'next committee branch');
    }
    const signers = this.#signature(attested, data);
    if (data.next_sync_committee) this.committees.set(this.period(slot) + 1, data.next_sync_committee);
    if (slot >= Number(this.optimistic.beacon.slot)) this.optimistic = attested;
    const finalized = data.finalized_header;
    if (signers * 3 >= this.sizes.committee * 2 && finalized
      && Number(finalized.beacon.slot) > Number(this.finalized.beacon.slot)) this.finalized = finalized;
    return signers;
  }
}
