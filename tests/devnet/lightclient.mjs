// Light client objects made from blocks (consensus-specs <fork>/light-client/full-node.md), in the
// shape of the fork they are sent in (<fork>/light-client/fork.md), and which update is better
// (altair/light-client/sync-protocol.md, is_better_update).
import {Tree} from '@chainsafe/persistent-merkle-tree';
import {FORKS} from './forks.mjs';

const GLOAS_EXECUTION_DEPTH = 11;
const atLeast = (fork, wanted) => FORKS.indexOf(fork) >= FORKS.indexOf(wanted);

/** The fork whose containers are used on the wire: some forks changed no light client type. */
export function containerFork(fork) {
  return {bellatrix: 'altair', fulu: 'electra'}[fork] ?? fork;
}

export function typeOf(preset, kind, fork) {
  const types = preset.ssz[containerFork(fork)];
  return {
    bootstrap: types.LightClientBootstrap,
    update: types.LightClientUpdate,
    finality: types.LightClientFinalityUpdate,
    optimistic: types.LightClientOptimisticUpdate,
  }[kind];
}

function normalize(branch, depth) {
  return [...Array.from({length: depth - branch.length}, () => new Uint8Array(32)), ...branch];
}

// A header from before Gloas shows the hash inside the payload header instead of the whole header.
function headerForGloas(preset, block) {
  if (!block.execution) return {beacon: block.beacon};
  const type = preset.ssz[block.fork === 'capella' ? 'capella' : 'deneb'].ExecutionPayloadHeader;
  const view = type.toView(block.execution);
  view.hashTreeRoot();
  const inner = new Tree(view.node).getSingleProof(type.getPathInfo(['blockHash']).gindex);
  return {
    beacon: block.beacon,
    executionBlockHash: block.execution.blockHash,
    executionBranch: normalize([...inner, ...block.executionBranch], GLOAS_EXECUTION_DEPTH),
  };
}

/** The LightClientHeader of a block as it appears inside an object of fork `as` (never an older one). */
export function headerAs(preset, block, as) {
  const value = preset.ssz[containerFork(as)].LightClientHeader.defaultValue();
  if (!block) return value;
  if (as === 'gloas') {
    if (block.fork !== 'gloas') return Object.assign(value, headerForGloas(preset, block));
    const {beacon, executionBlockHash, executionBranch} = block;
    return Object.assign(value, {beacon, executionBlockHash, executionBranch});
  }
  value.beacon = block.beacon;
  if (!atLeast(as, 'capella') || !atLeast(block.fork, 'capella')) return value;
  const execution = {...block.execution};
  // A Capella header that is sent in a newer object has no blob gas; its root is taken without it.
  if (block.fork === 'capella') Object.assign(execution, {blobGasUsed: 0n, excessBlobGas: 0n});
  return Object.assign(value, {execution, executionBranch: block.executionBranch});
}

export function bootstrapOf(preset, keyring, block) {
  return {
    kind: 'bootstrap',
    fork: block.fork,
    slot: block.slot,
    value: {
      header: headerAs(preset, block, block.fork),
      currentSyncCommittee: keyring.committee(block.period).value,
      currentSyncCommitteeBranch: block.proofs.current,
    },
  };
}

/**
 * What block `block` says about its parent. Not yet a value: {attested, finalized (null while
 * finality is still at genesis), signature: the block, participants}. null when nobody signed, and
 * for genesis itself: anvil's block 0 has an empty state root, so nothing may be anchored there.
 */
export function candidateOf(block, finalizedBlock) {
  if (!block.parent?.slot || block.participants === 0) return null;
  return {attested: block.parent, finalized: finalizedBlock, signature: block, participants: block.participants};
}

function common(preset, {attested, signature}) {
  return {
    attestedHeader: headerAs(preset, attested, attested.fork),
    syncAggregate: signature.syncAggregate,
    signatureSlot: signature.slot,
  };
}

const wrap = (kind, candidate, value) =>
  ({kind, fork: candidate.attested.fork, slot: candidate.attested.slot, value});

export function optimisticOf(preset, candidate) {
  return wrap('optimistic', candidate, common(preset, candidate));
}

export function finalityOf(preset, candidate) {
  return wrap('finality', candidate, {
    ...common(preset, candidate),
    finalizedHeader: headerAs(preset, candidate.finalized, candidate.attested.fork),
    finalityBranch: candidate.attested.proofs.finality,
  });
}

export function updateOf(preset, keyring, candidate) {
  return wrap('update', candidate, {
    ...finalityOf(preset, candidate).value,
    nextSyncCommittee: keyring.committee(candidate.attested.period + 1).value,
    nextSyncCommitteeBranch: candidate.attested.proofs.next,
  });
}

/**
 * is_better_update. Every candidate here carries its next sync committee and a finality branch
 * and lies in one period, so the rules about those being absent never differ between two.
 */
export function isBetter(size, fresh, old) {
  const supermajority = (c) => c.participants * 3 >= size * 2;
  const finalizedHere = (c) => (c.finalized?.period ?? 0) === c.attested.period;
  if (supermajority(fresh) !== supermajority(old)) return supermajority(fresh);
  if (!supermajority(fresh) && fresh.participants !== old.participants) return fresh.participants > old.participants;
  if (finalizedHere(fresh) !== finalizedHere(old)) return finalizedHere(fresh);
  if (fresh.participants !== old.participants) return fresh.participants > old.participants;
  if (fresh.attested.slot !== old.attested.slot) return fresh.attested.slot < old.attested.slot;
  return fresh.signature.slot < old.signature.slot;
}
