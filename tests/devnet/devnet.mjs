#!/usr/bin/env node
// The embedded L1 as a program and as a library: anvil plus a beacon with a real sync committee.
import {realpathSync} from 'node:fs';
import {rename, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {controls, serveControls} from './control.mjs';
import {Devnet} from './net.mjs';
import {HELP, completeOptions, parseArguments} from './options.mjs';

const PARENT_POLL_MS = 500;

/**
 * Starts a devnet; it is live, and final with the default history, when this resolves. Options are
 * those of the command line in camel case (see HELP), and `onPastSlot(slot, anvil)`, called before
 * each slot of the history is mined, for transactions that should lie in the past.
 *
 * Gives {rpcUrl, beaconUrls, controlUrl, network, checkpoint(), head(), stop(), and one function
 * for each control: skip, undelivered, participation, finality, reorg, offline, resume, lie, truth, state}.
 */
export async function startDevnet(options = {}) {
  const complete = completeOptions(options);
  const net = await Devnet.start(complete);
  const functions = controls(net);
  try {
    net.control = await serveControls(functions, complete.controlPort);
    if (complete.networkOut) await writeWhole(complete.networkOut, net.network);
  } catch (error) {
    await net.stop();
    throw error;
  }
  return {
    ...functions,
    net,
    rpcUrl: net.anvil.url,
    beaconUrls: net.beacons.map((beacon) => beacon.url),
    controlUrl: net.control.url,
    network: net.network,
    checkpoint: () => net.checkpoint(),
    head: () => net.head(),
    stop: () => net.stop(),
  };
}

// A reader that waits for the file must never see half of it.
async function writeWhole(file, value) {
  await writeFile(`${file}.part`, JSON.stringify(value, null, 1) + '\n');
  await rename(`${file}.part`, file);
}

function describe({slot, block, skipped, error}) {
  if (error) return `slot ${slot} failed: ${error}`;
  if (skipped) return `slot ${slot} skipped`;
  const size = block.syncAggregate.syncCommitteeBits.bitLen;
  const finalized = block.finalized.root.every((byte) => byte === 0) ? '-' : block.finalized.epoch;
  return `slot ${slot} ${block.fork} period ${block.period} block ${block.elNumber} ` +
    `signed ${block.participants}/${size} final epoch ${finalized}`;
}

function stopWithParent(options, stop) {
  if (options.withParent) {
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && stop(), PARENT_POLL_MS).unref();
  }
  if (options.untilStdinClose) {
    process.stdin.on('end', stop).on('error', stop).resume();
  }
}

async function main() {
  const options = parseArguments(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  let running = null;
  let ended = false;
  const stop = async () => {
    ended = true;
    if (!running) return;
    await (await running.catch(() => null))?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.stdout.on('error', stop);
  stopWithParent(options, stop);
  running = startDevnet(options);
  const net = await running;
  if (ended) return;
  net.net.onStopped = () => process.exit(0);
  net.net.anvil.exited.then(() => {
    if (net.net.isStopping) return;
    console.error('devnet: anvil ended by itself');
    net.stop().then(() => process.exit(1));
  });
  console.log(JSON.stringify({ready: true, rpc: net.rpcUrl, beacons: net.beaconUrls, control: net.controlUrl,
    network_file: options.networkOut ?? null, checkpoint: net.checkpoint(), head: net.head()}));
  if (!options.quiet) net.net.onSlot = (event) => console.log(describe(event));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`devnet: ${error.message}`);
    process.exit(1);
  });
}
