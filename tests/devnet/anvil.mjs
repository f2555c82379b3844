// Starts anvil, the execution layer, and talks to it. Anvil never mines by itself here: the beacon
// asks for each block with the exact timestamp of its slot.
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

const ARCH = {x64: 'amd64', arm64: 'arm64'};
const START_LIMIT_MS = 15000;

/** The binary as npm unpacked it; no install script has to run for it. HEARTH_ANVIL overrides it. */
export function findAnvil() {
  if (process.env.HEARTH_ANVIL) return process.env.HEARTH_ANVIL;
  const name = `@foundry-rs/anvil-${process.platform}-${ARCH[process.arch] ?? process.arch}`;
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return path.join(path.dirname(file), 'bin', 'anvil');
  } catch {
    throw new Error(`anvil is not installed: run "npm ci" in tests/ (looked for ${name})`);
  }
}

function command(binary, args) {
  // Where util-linux is there, the kernel ends anvil even when this process is killed outright.
  const setpriv = '/usr/bin/setpriv';
  if (process.platform === 'linux' && existsSync(setpriv)) {
    return [setpriv, ['--pdeathsig', 'KILL', binary, ...args]];
  }
  return [binary, args];
}

function waitForPort(child) {
  return new Promise((resolve, reject) => {
    let seen = '';
    const timer = setTimeout(() => reject(new Error(`anvil did not start: ${seen.slice(-400)}`)), START_LIMIT_MS);
    const onText = (text) => {
      seen = (seen + text).slice(-20000);
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(seen);
      if (!found) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`anvil ended (${code}): ${seen.slice(-400)}`)));
  });
}

export class Anvil {
  #id = 0;

  /** Starts anvil on loopback. `port` 0 takes a free one; `timestamp` is that of block 0. */
  static async start({port, timestamp, chainId, accounts, dir}) {
    const args = ['--host', '127.0.0.1', '--port', String(port), '--no-mining', '--timestamp', String(timestamp),
      '--chain-id', String(chainId), '--accounts', String(accounts), '--cache-path', dir, '--no-cors'];
    const [file, list] = command(findAnvil(), args);
    const child = spawn(file, list, {stdio: ['ignore', 'pipe', 'pipe']});
    const anvil = new Anvil();
    anvil.child = child;
    try {
      anvil.url = `http://127.0.0.1:${await waitForPort(child)}`;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    child.removeAllListeners('exit');
    anvil.exited = new Promise((resolve) => child.once('exit', resolve));
    // Anvil logs each request; unread pipes would stop it.
    child.stdout.removeAllListeners('data').resume();
    child.stderr.removeAllListeners('data').resume();
    return anvil;
  }

  async rpc(method, params = []) {
    const reply = await fetch(this.url, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({jsonrpc: '2.0', id: ++this.#id, method, params}),
    });
    const {result, error} = await reply.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Mines one block with this timestamp and gives it back with its raw transactions. */
  async mine(timestamp) {
    await this.rpc('evm_mine', [timestamp]);
    const block = await this.rpc('eth_getBlockByNumber', ['latest', false]);
    if (Number(block.timestamp) !== timestamp) {
      throw new Error(`block ${Number(block.number)} has timestamp ${Number(block.timestamp)}, not ${timestamp}`);
    }
    block.raw = await Promise.all(block.transactions.map((_, i) =>
      this.rpc('eth_getRawTransactionByBlockHashAndIndex', [block.hash, `0x${i.toString(16)}`])));
    return block;
  }

  /** Undoes the last `count` blocks. */
  async rollback(count) {
    if (count > 0) await this.rpc('anvil_rollback', [count]);
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    await this.exited;
    clearTimeout(timer);
  }
}
