// What can be asked of a devnet, with its defaults, for the command line and for startDevnet.
import {completeForks} from './forks.mjs';

export const HELP = `Usage: node tests/devnet/devnet.mjs [options]

A private Ethereum on loopback: anvil mines one block a slot, and a beacon signs each with a real
sync committee and serves the light client Beacon API. Prints one line of JSON when it is ready,
then a short line a slot. SIGINT or SIGTERM ends it and anvil with it.

  --preset NAME         minimal (32 keys, 64 slots a period) or mainnet (512 keys)  [minimal]
  --slot-ms N           length of a slot, 200 and up                                [2000]
  --forks LIST          epochs of forks, as electra:0,fulu:4,gloas:8; forks left out
                        are before all others, or never when they are newer         [fulu:0]
  --blobs LIST          blob schedule as epoch:max,...            [fulu+2:15,fulu+4:21]
  --participation X     share of the committee that signs, 0 to 1                   [1]
  --history N           slots that have already passed at start, with their blocks
                        [1.6 periods with minimal, 5 epochs with mainnet]
  --genesis-time N      seconds; instead of --history
  --beacons N           ports that serve the same chain                             [2]
  --port N              first beacon's port, the others follow it; 0 takes free ones [0]
  --rpc-port N          anvil's port, 0 takes a free one                            [0]
  --control-port N      port of POST /devnet/<name>, 0 takes a free one             [0]
  --accounts N          funded accounts of anvil's usual mnemonic                   [10]
  --contracts           has the contracts of identities: EAS, its schema registry, ERC-1056
  --seed TEXT           keys and absentees come from it                             [hearth]
  --network-out FILE    writes the custom network file for the node
  --dir DIR             where anvil may keep old states          [a temporary folder]
  --with-parent         ends when the process that started it ends
  --until-stdin-close   ends when standard input is closed
  --quiet               no line a slot
  --help

Blocks of the execution layer carry their slot's start in whole seconds. They must rise by a
second each, so below --slot-ms 1000 each slot counts as one second for them, and their clock runs
ahead of the wall; the beacon's slots stay at genesis + slot * slot-ms exactly. Real time cannot be
hurried: to see committee periods pass use a longer --history or shorter slots.

Control (curl -d '{"slots":3}' http://127.0.0.1:PORT/devnet/skip); GET /devnet tells the state:
  skip {slots}             the next slots have no block
  undelivered {slots}      Gloas: the next slots' payloads are bid for but never arrive
  participation {value}    share that signs from now on; below 2/3 nothing becomes final
  finality {on}            stops or resumes finality at full participation
  reorg {depth, refill, keep_txs, force}
                           replaces the last blocks (refill:false leaves their slots empty)
  offline {beacon, ms}     closes a provider's port; without ms until resume; without beacon all
  resume {beacon}
  lie {beacon, kind, times, on}
                           the next answers (times 0: all) of a provider are wrong; on: bootstrap,
                           updates, finality_update, optimistic_update, events, finalized
  truth {beacon}           ends lies
  stop {}
Kinds of lies: bad_signature not_in_subgroup bad_finality_branch bad_execution_branch
  wrong_committee future stale wrong_fork wrong_network wrong_checkpoint truncated cut oversized
  slow_drip html http_500 rate_limit redirect gzip_bomb duplicate_keys
`;

const SWITCHES = ['with-parent', 'until-stdin-close', 'quiet', 'contracts', 'help'];
const NUMBERS = {
  'slot-ms': 'slotMs', participation: 'participation', history: 'history', 'genesis-time': 'genesisTime',
  beacons: 'beacons', port: 'beaconPort', 'rpc-port': 'rpcPort', 'control-port': 'controlPort',
  accounts: 'accounts', 'prefund-history': 'history',
};
const TEXTS = {preset: 'preset', seed: 'seed', 'network-out': 'networkOut', dir: 'dir'};

function parsePairs(text) {
  return text.split(',').filter(Boolean).map((pair) => {
    const [key, value] = pair.split(':');
    if (!/^\d+$/.test(value ?? '')) throw new Error(`"${pair}" is not name:number`);
    return [key, Number(value)];
  });
}

/** Reads the command line. Throws with a message for a person. */
export function parseArguments(argv) {
  const options = {};
  for (let i = 0; i < argv.length; i++) {
    const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[i]) ?? [];
    if (!name) throw new Error(`unknown argument "${argv[i]}"`);
    if (SWITCHES.includes(name)) {
      options[name.replace(/-(.)/g, (_, c) => c.toUpperCase())] = true;
      continue;
    }
    const value = inline ?? argv[++i];
    if (value === undefined) throw new Error(`--${name} needs a value`);
    if (name === 'forks') options.forks = Object.fromEntries(parsePairs(value));
    else if (name === 'blobs') options.blobs = parsePairs(value).map(([epoch, max]) => ({epoch: Number(epoch), max}));
    else if (TEXTS[name]) options[TEXTS[name]] = value;
    else if (!NUMBERS[name]) throw new Error(`unknown option --${name}`);
    else if (!Number.isFinite(Number(value)) || value === '') throw new Error(`--${name} needs a number`);
    else options[NUMBERS[name]] = Number(value);
  }
  return options;
}

/** Fills in the defaults and refuses what cannot work. */
export function completeOptions(given) {
  const options = {
    preset: 'minimal', slotMs: 2000, forks: {fulu: 0}, blobs: null, participation: 1, beacons: 2, beaconPort: 0,
    rpcPort: 0, controlPort: 0, accounts: 10, seed: 'hearth', chainId: 31337, history: null, genesisTime: null,
    dir: null, networkOut: null, onPastSlot: null, contracts: false,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) options[name] = value;
  }
  if (!Number.isInteger(options.slotMs) || options.slotMs < 200) throw new Error('a slot has at least 200 ms');
  if (!(options.participation >= 0 && options.participation <= 1)) throw new Error('participation is from 0 to 1');
  if (!(Number.isInteger(options.beacons) && options.beacons >= 1 && options.beacons <= 16)) {
    throw new Error('1 to 16 beacons can be served');
  }
  completeForks(options.forks);
  options.history ??= options.preset === 'minimal' ? 104 : 160;
  return options;
}
