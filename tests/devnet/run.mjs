// `make run`: the embedded devnet and a node that follows it exactly as it would follow mainnet.
//   node tests/devnet/run.mjs --hearth build/release/hearth [--port 8420]
// Everything it keeps is in build/run-devnet and is made anew at each start, as the chain is.
import {spawn} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {startDevnet} from './devnet.mjs';

const {values} = parseArgs({options: {
  hearth: {type: 'string', default: 'build/release/hearth'},
  port: {type: 'string'},
  dir: {type: 'string', default: join('build', 'run-devnet')},
}});

rmSync(values.dir, {recursive: true, force: true});
mkdirSync(values.dir, {recursive: true});
console.log('Starting a devnet of your own: an execution chain and a beacon, on this computer only.');
const devnet = await startDevnet({preset: 'minimal', beacons: 2, contracts: true});
const networkFile = join(values.dir, 'network.json');
writeFileSync(networkFile, JSON.stringify(devnet.network, null, 2));

const args = ['run', '--network', networkFile, '--data-dir', join(values.dir, 'data'),
  '--execution', devnet.rpcUrl, ...devnet.beaconUrls.flatMap((url) => ['--beacon', url])];
if (values.port !== undefined) args.push('--port', values.port);
const hearth = spawn(values.hearth, args, {stdio: 'inherit'});

let stopping = false;
async function stop(code) {
  if (stopping) return;
  stopping = true;
  if (hearth.exitCode === null && hearth.signalCode === null) {
    hearth.kill('SIGTERM');
    await new Promise((resolve) => hearth.once('exit', resolve));
  }
  await devnet.stop();
  process.exit(code);
}
hearth.on('error', (error) => { console.error(`cannot start ${values.hearth}: ${error.message}`); stop(1); });
hearth.on('exit', (code) => stop(code ?? 1));
process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));
