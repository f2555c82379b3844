// Puts the parts together and lets time pass: every slot anvil mines, the chain adds a block on
// it, and the providers tell. Whatever changes the chain runs one at a time.
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {Anvil} from './anvil.mjs';
import {Beacon} from './api.mjs';
import {Chain} from './chain.mjs';
import {deployContracts} from './contracts.mjs';
import {ForkSchedule, networkObject, rootFromText} from './forks.mjs';
import {Keyring} from './keys.mjs';
import {loadPreset, toHex} from './preset.mjs';

const COINBASE = (branch) => '0x' + branch.toString(16).padStart(40, '0');

export class Devnet {
  #tail = Promise.resolve();
  #timer = null;
  #stopped = null;
  #skip = 0;
  #undelivered = 0;

  static async start(options) {
    const net = new Devnet();
    net.options = options;
    net.onSlot = () => {};
    net.ownDir = options.dir ? null : await mkdtemp(path.join(os.tmpdir(), 'hearth-devnet-'));
    try {
      await net.#open();
    } catch (error) {
      await net.stop();
      throw error;
    }
    return net;
  }

  async #open() {
    const {options} = this;
    const preset = await loadPreset(options.preset);
    const {BitArray} = await import('@chainsafe/ssz');
    this.slotMs = options.slotMs;
    this.genesisTime = options.genesisTime ?? Math.floor((Date.now() - options.history * options.slotMs) / 1000);
    this.anvil = await Anvil.start({port: options.rpcPort, timestamp: this.genesisTime, chainId: options.chainId,
      accounts: options.accounts, dir: options.dir ?? this.ownDir});
    const first = await this.anvil.rpc('eth_getBlockByNumber', ['0x0', false]);
    const schedule = new ForkSchedule(preset, {forks: options.forks, blobs: options.blobs,
      genesisValidatorsRoot: rootFromText(`${options.seed} ${first.hash}`)});
    const keyring = new Keyring(preset, options.seed);
    this.chain = new Chain({preset, schedule, keyring, genesisTime: this.genesisTime, bitArray: BitArray});
    this.chain.participation = options.participation;
    this.network = networkObject(schedule, {...options, genesisTime: this.genesisTime});
    this.chain.add(0, {...first, raw: []});
    this.nextSlot = 1;
    if (options.contracts) this.network.contracts = await deployContracts(this.anvil, options.chainId);
    while (this.nextSlot <= this.wallSlot()) {
      await options.onPastSlot?.(this.nextSlot, this.anvil);
      await this.#produce(this.nextSlot++);
    }
    this.chain.announce();
    this.beacons = [];
    for (let i = 0; i < options.beacons; i++) {
      const beacon = new Beacon({chain: this.chain, network: this.network, index: i});
      await beacon.listen(options.beaconPort ? options.beaconPort + i : 0);
      this.beacons.push(beacon);
    }
    this.#schedule();
  }

  wallSlot() {
    return Math.floor((Date.now() - this.genesisTime * 1000) / this.slotMs);
  }

  // Execution timestamps are whole seconds and must rise, so with short slots each counts as one.
  #timestamp(slot) {
    return this.genesisTime + (this.slotMs < 1000 ? slot : Math.floor((slot * this.slotMs) / 1000));
  }

  #schedule() {
    const due = this.genesisTime * 1000 + this.nextSlot * this.slotMs;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, due - Date.now()));
  }

  async #tick() {
    // A timer may fire a little early, and slots before their time would be lies.
    if (!this.#stopped && this.nextSlot <= this.wallSlot()) {
      try {
        await this.exclusive(() => this.#produce(this.nextSlot++));
        this.chain.announce();
      } catch (error) {
        if (!this.#stopped) this.onSlot({slot: this.nextSlot - 1, error: error.message});
      }
    }
    if (!this.#stopped) this.#schedule();
  }

  /** Runs one change of the chain after those before it. */
  exclusive(change) {
    const done = this.#tail.then(change);
    this.#tail = done.catch(() => {});
    return done;
  }

  async #produce(slot) {
    if (this.#skip > 0) {
      this.#skip--;
      this.onSlot({slot, skipped: true});
      return;
    }
    await this.#build(slot);
  }

  async #build(slot) {
    const el = await this.anvil.mine(this.#timestamp(slot));
    const undelivered = this.#undelivered > 0 && this.chain.schedule.nameAtSlot(slot) === 'gloas';
    if (undelivered) {
      this.#undelivered--;
      await this.#takeBack([el], 1);
    }
    const block = this.chain.add(slot, el, {undelivered});
    this.onSlot({slot, block});
  }

  // Undoes anvil's last blocks. Their transactions wait for the next block again, as after a real reorg.
  async #takeBack(blocks, count, keepTransactions = true) {
    await this.anvil.rollback(count);
    if (!keepTransactions) return;
    for (const raw of blocks.flatMap((block) => block.raw)) {
      await this.anvil.rpc('eth_sendRawTransaction', [raw]).catch(() => {});
    }
  }

  skip(slots = 1) {
    this.#skip = slots;
  }

  undelivered(slots = 1) {
    this.#undelivered = slots;
  }

  setParticipation(value) {
    if (!(value >= 0 && value <= 1)) throw new Error('participation is from 0 to 1');
    this.chain.participation = value;
  }

  setFinality(on) {
    this.chain.finalityOn = Boolean(on);
  }

  /**
   * Replaces the last `depth` blocks by others in the same slots (or by none when not `refill`).
   * Gives {depth, from, to}: the old and the new head's slot and root.
   */
  reorg({depth = 1, refill = true, keepTransactions = true, force = false} = {}) {
    return this.exclusive(async () => {
      const {chain} = this;
      const from = chain.head;
      const dropped = chain.dropLast(depth, force);
      const blocks = await this.#withTransactions(from.elNumber - chain.head.elNumber);
      await this.#takeBack(blocks, blocks.length, keepTransactions);
      // Another fee recipient makes another block, even in the same second with nothing in it.
      await this.anvil.rpc('anvil_setCoinbase', [COINBASE(chain.branch)]);
      if (refill) for (const block of dropped) await this.#build(block.slot);
      chain.emit('reorg', {depth, oldHead: from, newHead: chain.head});
      chain.announce();
      const print = (block) => ({slot: block.slot, root: toHex(block.root)});
      return {depth, from: print(from), to: print(chain.head)};
    });
  }

  async #withTransactions(count) {
    const last = Number(await this.anvil.rpc('eth_blockNumber'));
    const blocks = [];
    for (let number = last - count + 1; number <= last; number++) {
      const block = await this.anvil.rpc('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);
      block.raw = await Promise.all(block.transactions.map((hash) =>
        this.anvil.rpc('eth_getRawTransactionByHash', [hash])));
      blocks.push(block);
    }
    return blocks;
  }

  checkpoint() {
    const {finalized} = this.chain;
    return finalized && {root: toHex(finalized.root), slot: finalized.slot};
  }

  head() {
    const {slot, root, period, fork, elNumber} = this.chain.head;
    return {slot, root: toHex(root), period, fork, el_block: elNumber, wall_slot: this.wallSlot()};
  }

  get isStopping() {
    return this.#stopped !== null;
  }

  /** Ends everything that was started. A second call waits for the first. */
  stop() {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close() {
    clearTimeout(this.#timer);
    await Promise.all((this.beacons ?? []).map((beacon) => beacon.close()));
    await this.control?.close();
    await this.anvil?.stop();
    if (this.ownDir) await rm(this.ownDir, {recursive: true, force: true});
  }
}
