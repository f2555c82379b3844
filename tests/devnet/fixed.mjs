// A beacon over an execution chain that is over: every slot has the same execution block, so that a light client stays
// live and proves a recorded chain, whose last block is its head and its finalized block. No anvil.
import {Beacon} from './api.mjs';
import {Chain} from './chain.mjs';
import {ForkSchedule, networkObject, rootFromText} from './forks.mjs';
import {Keyring} from './keys.mjs';
import {loadPreset} from './preset.mjs';

/** Slots that have passed when it starts: finality needs four epochs and a little more. */
const HISTORY = 48;

/**
 * Serves a devnet whose every block carries `block` (as eth_getBlockByHash gives it, with `raw`: its transactions'
 * bytes as hex). `genesisTime` (seconds) and `slotMs` say which timestamp is in which epoch; `forks` and `blobs` as in
 * startDevnet. Gives {network, beaconUrls, head(), stop()}.
 */
export async function startFixed({block, chainId, genesisTime, slotMs, forks, blobs, beacons = 2, preset: name = 'minimal', seed = 'hearth'}) {
  const preset = await loadPreset(name);
  const {BitArray} = await import('@chainsafe/ssz');
  const schedule = new ForkSchedule(preset, {forks, blobs,
    genesisValidatorsRoot: rootFromText(`${seed} ${block.hash}`)});
  const chain = new Chain({preset, schedule, keyring: new Keyring(preset, seed), genesisTime, bitArray: BitArray});
  const network = networkObject(schedule, {genesisTime, slotMs, chainId});
  const wallSlot = () => Math.floor((Date.now() - genesisTime * 1000) / slotMs);
  // The first block stands at the start of an epoch, however far that is from genesis.
  let next = Math.floor((wallSlot() - HISTORY) / preset.slotsPerEpoch) * preset.slotsPerEpoch;
  const catchUp = () => {
    while (next <= wallSlot()) chain.add(next++, block);
    chain.announce();
  };
  catchUp();
  const served = [];
  let timer = null;
  const stop = async () => {
    clearTimeout(timer);
    await Promise.all(served.map((beacon) => beacon.close()));
  };
  const keepUp = () => {
    timer = setTimeout(() => {
      catchUp();
      keepUp();
    }, Math.max(1, genesisTime * 1000 + next * slotMs - Date.now()));
  };
  try {
    for (let index = 0; index < beacons; index++) {
      const beacon = new Beacon({chain, network, index});
      await beacon.listen(0);
      served.push(beacon);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  keepUp();
  return {network, beaconUrls: served.map((beacon) => beacon.url), head: () => chain.head, stop};
}
