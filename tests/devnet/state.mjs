// Bodies and post-states, as far as light client data reaches into them: real SSZ trees of the
// fork's own types, so that every Merkle branch is a real one. There are no validators in them.
import {Tree} from '@chainsafe/persistent-merkle-tree';
import {fromHex} from './preset.mjs';

const KEPT_ACROSS_FORKS = ['genesisTime', 'genesisValidatorsRoot', 'blockRoots', 'stateRoots', 'currentSyncCommittee',
  'nextSyncCommittee', 'previousJustifiedCheckpoint', 'currentJustifiedCheckpoint', 'finalizedCheckpoint'];

/** An ExecutionPayload value (newest shape; older types read only the fields they know). */
export function payloadFromBlock(block) {
  return {
    parentHash: fromHex(block.parentHash),
    feeRecipient: fromHex(block.miner),
    stateRoot: fromHex(block.stateRoot),
    receiptsRoot: fromHex(block.receiptsRoot),
    logsBloom: fromHex(block.logsBloom),
    prevRandao: fromHex(block.mixHash),
    blockNumber: Number(block.number),
    gasLimit: Number(block.gasLimit),
    gasUsed: Number(block.gasUsed),
    timestamp: Number(block.timestamp),
    extraData: fromHex(block.extraData),
    baseFeePerGas: BigInt(block.baseFeePerGas ?? 0),
    blockHash: fromHex(block.hash),
    transactions: block.raw.map(fromHex),
    withdrawals: (block.withdrawals ?? []).map(({index, validatorIndex, address, amount}) => ({index: Number(index),
      validatorIndex: Number(validatorIndex), address: fromHex(address), amount: BigInt(amount)})),
    blobGasUsed: BigInt(block.blobGasUsed ?? 0),
    excessBlobGas: BigInt(block.excessBlobGas ?? 0),
  };
}

export function payloadHeader(ssz, payload) {
  const {transactions, withdrawals, ...rest} = payload;
  return {
    ...rest,
    transactionsRoot: ssz.bellatrix.Transactions.hashTreeRoot(transactions),
    withdrawalsRoot: ssz.capella.Withdrawals.hashTreeRoot(withdrawals),
  };
}

/** The bid a Gloas block commits to. Its parent_block_hash is the last payload that was delivered. */
function bidFor({slot, parentRoot, parentPayloadHash, payload}) {
  return {
    parentBlockHash: parentPayloadHash,
    parentBlockRoot: parentRoot,
    blockHash: payload.blockHash,
    prevRandao: payload.prevRandao,
    feeRecipient: payload.feeRecipient,
    gasLimit: BigInt(payload.gasLimit),
    slot,
  };
}

/**
 * Builds a block body. Gives {root, executionBranch (null before Capella), bid (Gloas only)}.
 * The graffiti names the branch, so that blocks of two branches always differ.
 */
export function buildBody(preset, fork, {slot, parentRoot, parentPayloadHash, payload, syncAggregate, branch}) {
  const type = preset.ssz[fork].BeaconBlockBody;
  const body = type.defaultValue();
  body.syncAggregate = syncAggregate;
  body.graffiti.set(Buffer.from(`hearth devnet ${branch}`).subarray(0, 32));
  let bid = null;
  let path = null;
  if (fork === 'gloas') {
    const {message} = body.signedExecutionPayloadBid;
    bid = Object.assign(message, bidFor({slot, parentRoot, parentPayloadHash, payload}));
    path = ['signedExecutionPayloadBid', 'message', 'parentBlockHash'];
  } else if (type.fields.executionPayload) {
    body.executionPayload = payload;
    // Bellatrix bodies hold a payload too, but light client headers only show it from Capella on.
    if (fork !== 'bellatrix') path = ['executionPayload'];
  }
  const view = type.toView(body);
  const root = view.hashTreeRoot();
  return {root, bid, executionBranch: path && branchAt(view.node, type, path)};
}

function branchAt(node, type, path) {
  return new Tree(node).getSingleProof(type.getPathInfo(path).gindex);
}

function openState(preset, schedule, parent, epoch) {
  const fork = schedule.nameAt(epoch);
  const type = preset.ssz[fork].BeaconState;
  if (parent && parent.fork === fork) return type.getViewDU(parent.stateNode);
  const state = type.defaultViewDU();
  state.fork = preset.ssz.phase0.Fork.toViewDU(schedule.forkAt(epoch));
  if (!parent) return state;
  const older = preset.ssz[parent.fork].BeaconState.getViewDU(parent.stateNode);
  for (const field of KEPT_ACROSS_FORKS) state[field] = older[field];
  return state;
}

function setExecution(preset, fork, state, {payload, bid, parentPayloadHash}) {
  if (fork === 'gloas') {
    state.latestBlockHash = parentPayloadHash;
    state.latestExecutionPayloadBid = preset.ssz.gloas.ExecutionPayloadBid.toViewDU(bid);
  } else if (fork !== 'altair') {
    state.latestExecutionPayloadHeader =
      preset.ssz[fork].ExecutionPayloadHeader.toViewDU(payloadHeader(preset.ssz, payload));
  }
}

/**
 * The post-state of a block. `parent` is the block before (null for genesis) and must still hold
 * its state; `beacon` the header of this one, whose stateRoot is filled in here.
 * Gives {node, proofs: {current, next, finality}}.
 */
export function buildState(preset, schedule, keyring, parent, beacon, input) {
  const {ssz} = preset;
  const {slot} = beacon;
  const fork = schedule.nameAtSlot(slot);
  const state = openState(preset, schedule, parent, schedule.epochOf(slot));
  if (!parent) {
    state.genesisTime = input.genesisTime;
    state.genesisValidatorsRoot = schedule.genesisValidatorsRoot;
  }
  state.slot = slot;
  for (let s = parent ? Math.max(parent.slot, slot - preset.slotsPerHistoricalRoot) : slot; s < slot; s++) {
    state.blockRoots.set(s % preset.slotsPerHistoricalRoot, parent.root);
    state.stateRoots.set(s % preset.slotsPerHistoricalRoot, parent.beacon.stateRoot);
  }
  const period = schedule.periodOf(slot);
  if (!parent || schedule.periodOf(parent.slot) !== period) {
    state.currentSyncCommittee = ssz.altair.SyncCommittee.getViewDU(keyring.committee(period).node);
    state.nextSyncCommittee = ssz.altair.SyncCommittee.getViewDU(keyring.committee(period + 1).node);
  }
  state.previousJustifiedCheckpoint = ssz.phase0.Checkpoint.toViewDU(input.previousJustified);
  state.currentJustifiedCheckpoint = ssz.phase0.Checkpoint.toViewDU(input.justified);
  state.finalizedCheckpoint = ssz.phase0.Checkpoint.toViewDU(input.finalized);
  setExecution(preset, fork, state, input);
  state.latestBlockHeader = ssz.phase0.BeaconBlockHeader.toViewDU(beacon);
  state.commit();
  beacon.stateRoot = state.hashTreeRoot();
  const type = ssz[fork].BeaconState;
  return {
    node: state.node,
    proofs: {
      current: branchAt(state.node, type, ['currentSyncCommittee']),
      next: branchAt(state.node, type, ['nextSyncCommittee']),
      finality: branchAt(state.node, type, ['finalizedCheckpoint', 'root']),
    },
  };
}
