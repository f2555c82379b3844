// Which rules hold at which slot: fork names, versions, digests and signature domains
// (consensus-specs: compute_fork_version, compute_fork_digest with the Fulu blob parameters,
// compute_domain), and the network as the node reads it from a custom network file.
import {createHash} from 'node:crypto';
import {toHex} from './preset.mjs';

export const FORKS = ['phase0', 'altair', 'bellatrix', 'capella', 'deneb', 'electra', 'fulu', 'gloas'];
export const FAR_FUTURE_EPOCH = 2n ** 64n - 1n;
const DOMAIN_SYNC_COMMITTEE = Uint8Array.of(7, 0, 0, 0);
const MAX_BLOBS_ELECTRA = 9;

const version = (fork) => Uint8Array.of(FORKS.indexOf(fork), 0, 0, 1);

/**
 * Completes a list of fork epochs: forks older than the newest one named start at 0 unless named,
 * newer ones never come. Throws when a later fork would come before an earlier one.
 */
export function completeForks(given) {
  for (const name of Object.keys(given)) {
    if (!FORKS.includes(name) || name === 'phase0') throw new Error(`unknown fork "${name}"`);
  }
  const last = FORKS.findLastIndex((name) => given[name] !== undefined);
  const epochs = {phase0: 0};
  for (let i = 1; i < FORKS.length; i++) {
    const before = epochs[FORKS[i - 1]];
    epochs[FORKS[i]] = given[FORKS[i]] ?? (i <= last ? before : Infinity);
    if (epochs[FORKS[i]] < before) throw new Error(`fork ${FORKS[i]} comes before ${FORKS[i - 1]}`);
  }
  if (epochs.altair !== 0) throw new Error('light client data starts at Altair, so altair must be at epoch 0');
  return epochs;
}

export class ForkSchedule {
  /** `forks`: epochs by name; `blobs`: [{epoch, max}] or null for two entries shortly after Fulu. */
  constructor(preset, {forks, blobs, genesisValidatorsRoot}) {
    this.preset = preset;
    this.epochs = completeForks(forks);
    this.genesisValidatorsRoot = genesisValidatorsRoot;
    const fulu = this.epochs.fulu;
    this.blobs = blobs ?? (fulu === Infinity ? [] : [{epoch: fulu + 2, max: 15}, {epoch: fulu + 4, max: 21}]);
  }

  epochOf(slot) {
    return Math.floor(slot / this.preset.slotsPerEpoch);
  }

  periodOf(slot) {
    return Math.floor(slot / this.preset.slotsPerPeriod);
  }

  nameAt(epoch) {
    return FORKS.findLast((name) => this.epochs[name] <= epoch);
  }

  nameAtSlot(slot) {
    return this.nameAt(this.epochOf(slot));
  }

  /** The value of BeaconState.fork in `epoch`. */
  forkAt(epoch) {
    const i = FORKS.indexOf(this.nameAt(epoch));
    return {
      previousVersion: version(FORKS[Math.max(i - 1, 0)]),
      currentVersion: version(FORKS[i]),
      epoch: this.epochs[FORKS[i]],
    };
  }

  forkDataRoot(currentVersion, genesisValidatorsRoot = this.genesisValidatorsRoot) {
    return this.preset.ssz.phase0.ForkData.hashTreeRoot({currentVersion, genesisValidatorsRoot});
  }

  /** A fork's digest before blob parameters are mixed in. */
  digestOf(name) {
    return this.forkDataRoot(version(name)).slice(0, 4);
  }

  /** compute_fork_digest of specs/fulu/beacon-chain.md (before Fulu: the first four bytes only). */
  digestAt(epoch) {
    const name = this.nameAt(epoch);
    const base = this.digestOf(name);
    if (FORKS.indexOf(name) < FORKS.indexOf('fulu')) return base;
    const entry = this.blobs.findLast((b) => b.epoch <= epoch);
    const parameters = entry ?? {epoch: this.epochs.electra, max: MAX_BLOBS_ELECTRA};
    const buf = Buffer.alloc(16);
    buf.writeBigUInt64LE(BigInt(parameters.epoch), 0);
    buf.writeBigUInt64LE(BigInt(parameters.max), 8);
    const mask = createHash('sha256').update(buf).digest();
    return base.map((byte, i) => byte ^ mask[i]);
  }

  /**
   * What the sync committee signs for `objectRoot` in a block at `signatureSlot`. The version is
   * that of the slot before, so the first block of a fork is still signed under the older one.
   */
  signingRoot(objectRoot, signatureSlot, genesisValidatorsRoot = this.genesisValidatorsRoot) {
    const name = this.nameAtSlot(Math.max(signatureSlot, 1) - 1);
    const domain = new Uint8Array(32);
    domain.set(DOMAIN_SYNC_COMMITTEE, 0);
    domain.set(this.forkDataRoot(version(name), genesisValidatorsRoot).subarray(0, 28), 4);
    return this.preset.ssz.phase0.SigningData.hashTreeRoot({objectRoot, domain});
  }

  /** The body of /eth/v1/config/fork_schedule. Forks that never come are left out. */
  toJson() {
    const known = FORKS.filter((name) => this.epochs[name] !== Infinity);
    return known.map((name, i) => ({
      previous_version: toHex(version(known[Math.max(i - 1, 0)])),
      current_version: toHex(version(name)),
      epoch: String(this.epochs[name]),
    }));
  }
}

/** The custom network file: spelled as in consensus-specs configs, values as the Beacon API prints them. */
export function networkObject(schedule, {genesisTime, slotMs, chainId}) {
  const network = {
    CONFIG_NAME: 'devnet',
    PRESET_BASE: schedule.preset.name,
    GENESIS_TIME: String(genesisTime),
    GENESIS_VALIDATORS_ROOT: toHex(schedule.genesisValidatorsRoot),
    SLOT_DURATION_MS: String(slotMs),
    DEPOSIT_CHAIN_ID: String(chainId),
    GENESIS_FORK_VERSION: toHex(version('phase0')),
  };
  for (const name of FORKS.slice(1)) {
    const epoch = schedule.epochs[name];
    network[`${name.toUpperCase()}_FORK_VERSION`] = toHex(version(name));
    network[`${name.toUpperCase()}_FORK_EPOCH`] = String(epoch === Infinity ? FAR_FUTURE_EPOCH : epoch);
  }
  network.MAX_BLOBS_PER_BLOCK_ELECTRA = String(MAX_BLOBS_ELECTRA);
  network.BLOB_SCHEDULE = schedule.blobs.map((b) => ({EPOCH: String(b.epoch), MAX_BLOBS_PER_BLOCK: String(b.max)}));
  return network;
}

/** The body of /eth/v1/config/spec: the network file plus the preset's sizes. */
export function specObject(network, preset) {
  const ms = Number(network.SLOT_DURATION_MS);
  return {
    ...network,
    ...(ms % 1000 === 0 ? {SECONDS_PER_SLOT: String(ms / 1000)} : {}),
    MIN_GENESIS_TIME: network.GENESIS_TIME,
    GENESIS_DELAY: '0',
    DEPOSIT_NETWORK_ID: network.DEPOSIT_CHAIN_ID,
    SLOTS_PER_EPOCH: String(preset.slotsPerEpoch),
    EPOCHS_PER_SYNC_COMMITTEE_PERIOD: String(preset.epochsPerPeriod),
    SYNC_COMMITTEE_SIZE: String(preset.committeeSize),
    MIN_SYNC_COMMITTEE_PARTICIPANTS: String(preset.minParticipants),
    SLOTS_PER_HISTORICAL_ROOT: String(preset.slotsPerHistoricalRoot),
    UPDATE_TIMEOUT: String(preset.slotsPerPeriod),
    DOMAIN_SYNC_COMMITTEE: toHex(DOMAIN_SYNC_COMMITTEE),
  };
}

export const genesisForkVersion = () => toHex(version('phase0'));
export const rootFromText = (text) => createHash('sha256').update(text).digest();
