// The beacon chain: blocks, finality by participation, forks of the chain, and the best update of
// each committee period. It knows nothing of time, of anvil or of HTTP; it announces what happened.
import {EventEmitter} from 'node:events';
import {toHex} from './preset.mjs';
import {INFINITY_SIGNATURE} from './keys.mjs';
import {buildBody, buildState, payloadFromBlock, payloadHeader} from './state.mjs';
import {bootstrapOf, candidateOf, finalityOf, isBetter, optimisticOf, updateOf} from './lightclient.mjs';

const ZERO_ROOT = new Uint8Array(32);
const NO_CHECKPOINT = {epoch: 0, root: ZERO_ROOT};
const SUPERMAJORITY = 2 / 3;
// States this far below finality are kept, so that even a forced reorg has somewhere to go.
const KEPT_EPOCHS = 2;

/**
 * Events: head(block), optimistic(object), finality(object), finalized(block); whoever reorders
 * blocks emits reorg({depth, oldHead, newHead}) once the new branch stands.
 */
export class Chain extends EventEmitter {
  #byRoot = new Map();
  #announced = null;

  constructor({preset, schedule, keyring, genesisTime, bitArray}) {
    super();
    Object.assign(this, {preset, schedule, keyring, genesisTime, bitArray});
    this.setMaxListeners(0);
    /** Blocks of the branch that is followed now, oldest first. */
    this.canonical = [];
    this.participation = 1;
    this.finalityOn = true;
    this.branch = 0;
  }

  get head() {
    return this.canonical.at(-1);
  }

  /** The latest finalized block, or null while finality is still at genesis. */
  get finalized() {
    return this.#blockOf(this.head.finalized);
  }

  byRoot(root) {
    return this.#byRoot.get(root.toLowerCase());
  }

  bySlot(slot) {
    const block = this.#atOrBefore(this.head, slot);
    return block?.slot === slot ? block : undefined;
  }

  isCanonical(block) {
    return this.canonical[block.index] === block;
  }

  #blockOf(checkpoint) {
    return checkpoint.root === ZERO_ROOT ? null : this.#byRoot.get(toHex(checkpoint.root));
  }

  #atOrBefore(block, slot) {
    while (block && block.slot > slot) block = block.parent;
    return block;
  }

  /**
   * Adds a block at `slot` on the head. `el` is anvil's block with raw transactions. With
   * `undelivered` (Gloas) the bid's payload never arrives: `el` is only what was bid.
   */
  add(slot, el, {undelivered = false} = {}) {
    const parent = this.head ?? null;
    if (parent && slot <= parent.slot) throw new Error(`slot ${slot} is not after ${parent.slot}`);
    const {preset, schedule} = this;
    const fork = schedule.nameAtSlot(slot);
    const payload = payloadFromBlock(el);
    const parentPayloadHash = parent ? parent.payloadHash : payload.parentHash;
    const period = schedule.periodOf(slot);
    const signed = this.#sign(parent, slot, period);
    const parentRoot = parent ? parent.root : ZERO_ROOT;
    const body = buildBody(preset, fork,
      {slot, parentRoot, parentPayloadHash, payload, branch: this.branch, ...signed});
    const checkpoints = this.#checkpointsAfter(parent, slot);
    const beacon = {slot, proposerIndex: 0, parentRoot, stateRoot: ZERO_ROOT, bodyRoot: body.root};
    const state = buildState(preset, schedule, this.keyring, parent, beacon,
      {payload, bid: body.bid, parentPayloadHash, genesisTime: this.genesisTime, ...checkpoints});
    const hasExecution = body.executionBranch && fork !== 'gloas';
    const block = {
      slot, period, fork, parent, beacon, ...signed, ...checkpoints,
      index: this.canonical.length,
      root: preset.ssz.phase0.BeaconBlockHeader.hashTreeRoot(beacon),
      execution: hasExecution ? payloadHeader(preset.ssz, payload) : null,
      executionBlockHash: fork === 'gloas' ? parentPayloadHash : payload.blockHash,
      executionBranch: body.executionBranch,
      payloadHash: undelivered ? parentPayloadHash : payload.blockHash,
      elNumber: Number(el.number) - (undelivered ? 1 : 0),
      stateNode: state.node,
      proofs: state.proofs,
    };
    this.#append(block);
    return block;
  }

  #append(block) {
    const {parent} = block;
    block.tally = this.#tallyAfter(block);
    block.candidate = candidateOf(block, this.#blockOf(parent?.finalized ?? NO_CHECKPOINT));
    this.#setBest(block);
    this.#byRoot.set(toHex(block.root), block);
    this.canonical.push(block);
    if (parent && block.finalized.root !== parent.finalized.root) this.#prune(this.finalized);
  }

  #sign(parent, slot, period) {
    if (!parent) {
      const none = this.bitArray.fromBoolArray(new Array(this.preset.committeeSize).fill(false));
      return {participants: 0, syncAggregate: {syncCommitteeBits: none, syncCommitteeSignature: INFINITY_SIGNATURE}};
    }
    const bits = this.keyring.participants(slot, this.branch, this.participation);
    const signature = this.keyring.sign(period, bits, this.schedule.signingRoot(parent.root, slot));
    return {
      participants: bits.filter(Boolean).length,
      syncAggregate: {syncCommitteeBits: this.bitArray.fromBoolArray(bits), syncCommitteeSignature: signature},
    };
  }

  // The votes of an epoch, as far as a light client could guess them: its blocks' sync committees.
  #tallyAfter(block) {
    const epoch = this.schedule.epochOf(block.slot);
    const before = block.parent?.tally;
    const tally = before?.epoch === epoch ? before : {epoch, signed: 0, blocks: 0};
    const share = this.finalityOn ? block.participants / this.preset.committeeSize : 0;
    return {epoch, signed: tally.signed + share, blocks: tally.blocks + 1};
  }

  /**
   * Casper FFG in the one rule that matters here: an epoch whose votes reached two thirds becomes
   * justified when it ends, and two justified epochs in a row finalize the first of them.
   * Epochs 0 and 1 are never justified (process_justification_and_finalization).
   */
  #checkpointsAfter(parent, slot) {
    if (!parent) return {previousJustified: NO_CHECKPOINT, justified: NO_CHECKPOINT, finalized: NO_CHECKPOINT};
    const ended = this.schedule.epochOf(parent.slot);
    const passed = this.schedule.epochOf(slot) - ended;
    let {previousJustified, justified, finalized} = parent;
    if (passed === 0) return {previousJustified, justified, finalized};
    previousJustified = justified;
    if (ended >= 2 && parent.tally.signed / parent.tally.blocks >= SUPERMAJORITY) {
      const root = this.#atOrBefore(parent, ended * this.preset.slotsPerEpoch).root;
      if (justified.root !== ZERO_ROOT && justified.epoch === ended - 1) finalized = justified;
      justified = {epoch: ended, root};
    }
    // An epoch without any block ends too, and justifies nothing.
    if (passed > 1) previousJustified = justified;
    return {previousJustified, justified, finalized};
  }

  #setBest(block) {
    const {candidate, parent} = block;
    block.best = parent && parent.period === block.period ? parent.best : null;
    // An update whose signature lies in the next period proves no committee and is not kept.
    if (!candidate || candidate.attested.period !== block.period) return;
    if (!block.best || isBetter(this.preset.committeeSize, candidate, block.best)) block.best = candidate;
  }

  /** Tells everyone about the head, once per head. */
  announce() {
    const {head} = this;
    if (this.#announced === head) return;
    const finalizedBefore = this.#announced?.finalized.root;
    this.#announced = head;
    this.emit('head', head);
    if (head.candidate) this.emit('optimistic', optimisticOf(this.preset, head.candidate));
    if (head.candidate?.finalized) this.emit('finality', finalityOf(this.preset, head.candidate));
    if (this.finalized && head.finalized.root !== finalizedBefore) {
      this.emit('finalized', this.finalized);
    }
  }

  // Old blocks keep what bootstraps and best updates need; the rest would grow without end.
  #prune(finalized) {
    const oldest = finalized.index - KEPT_EPOCHS * this.preset.slotsPerEpoch;
    for (let i = oldest - 1; i >= 0 && this.canonical[i].stateNode; i--) this.canonical[i].stateNode = null;
    const old = finalized.slot - 2 * this.preset.slotsPerPeriod;
    for (let b = this.#atOrBefore(finalized, old); b && b.candidate; b = b.parent) b.candidate = null;
  }

  /**
   * Drops the last `depth` blocks and starts a new branch. Gives the dropped blocks, oldest first.
   * Throws when that would undo finality, unless `force`.
   */
  dropLast(depth, force) {
    const target = this.canonical[this.canonical.length - 1 - depth];
    if (!target || !(depth > 0)) throw new Error(`cannot go back ${depth} blocks`);
    if (this.finalized && target.slot < this.finalized.slot && !force) {
      throw new Error(`${depth} blocks back is below finality (slot ${this.finalized.slot}); give force to do it`);
    }
    if (!target.stateNode) throw new Error(`${depth} blocks back is too far: that state is no longer kept`);
    const dropped = this.canonical.splice(target.index + 1);
    this.branch++;
    return dropped;
  }

  /** True for blocks that can be a checkpoint: first of an epoch, or followed by none until its end. */
  isCheckpointBlock(block) {
    const next = this.canonical[block.index + 1];
    const {schedule, preset} = this;
    if (block.slot % preset.slotsPerEpoch === 0) return true;
    return Boolean(next) && schedule.epochOf(next.slot) > schedule.epochOf(block.slot);
  }

  /** The bootstrap of a finalized checkpoint block, or null. */
  bootstrap(block) {
    const {finalized} = this;
    if (!finalized || !this.isCanonical(block) || block.slot > finalized.slot) return null;
    if (block.slot === 0 || !this.isCheckpointBlock(block)) return null;
    return bootstrapOf(this.preset, this.keyring, block);
  }

  /** The best update of a committee period, or null. */
  update(period) {
    const last = this.#atOrBefore(this.head, (period + 1) * this.preset.slotsPerPeriod - 1);
    if (!last || last.period !== period || !last.best) return null;
    return updateOf(this.preset, this.keyring, last.best);
  }

  /** The newest block within `back` of the head that has a candidate, as an object of this kind. */
  latest(kind, back = 0) {
    for (let i = this.canonical.length - 1 - back; i > 0; i--) {
      const {candidate} = this.canonical[i];
      if (!candidate) continue;
      if (kind === 'optimistic') return optimisticOf(this.preset, candidate);
      if (candidate.finalized) return finalityOf(this.preset, candidate);
    }
    return null;
  }
}
