// Loads the SSZ types for one preset. The lodestar packages read the preset from the environment
// once, when they are first imported, so nothing else in this folder may import them statically.

let loaded = null;

/**
 * The types and sizes of a preset ("minimal" or "mainnet"). One process can hold one preset only:
 * asking for the other one later throws.
 */
export async function loadPreset(name) {
  if (name !== 'minimal' && name !== 'mainnet') throw new Error(`unknown preset "${name}"`);
  if (loaded && loaded.name !== name) {
    throw new Error(`this process already uses preset ${loaded.name}; start another for ${name}`);
  }
  if (loaded) return loaded;
  process.env.LODESTAR_PRESET = name;
  const {ssz} = await import('@lodestar/types');
  const params = await import('@lodestar/params');
  if (params.ACTIVE_PRESET !== name) throw new Error(`preset is ${params.ACTIVE_PRESET}, not ${name}`);
  const {SLOTS_PER_EPOCH, EPOCHS_PER_SYNC_COMMITTEE_PERIOD} = params;
  loaded = {
    name,
    ssz,
    slotsPerEpoch: SLOTS_PER_EPOCH,
    epochsPerPeriod: EPOCHS_PER_SYNC_COMMITTEE_PERIOD,
    slotsPerPeriod: SLOTS_PER_EPOCH * EPOCHS_PER_SYNC_COMMITTEE_PERIOD,
    slotsPerHistoricalRoot: params.SLOTS_PER_HISTORICAL_ROOT,
    committeeSize: params.SYNC_COMMITTEE_SIZE,
    minParticipants: params.MIN_SYNC_COMMITTEE_PARTICIPANTS,
  };
  return loaded;
}

export const toHex = (bytes) => '0x' + Buffer.from(bytes).toString('hex');

export function fromHex(text) {
  return Uint8Array.from(Buffer.from(text.replace(/^0x/, ''), 'hex'));
}
