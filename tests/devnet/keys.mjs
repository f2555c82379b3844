// Sync committees: real BLS keys, derived from a seed, a different set in every period.
import {createHash} from 'node:crypto';
import blst from '@chainsafe/blst';
import {fromHex, toHex} from './preset.mjs';

const CURVE_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const sha256 = (text) => createHash('sha256').update(text).digest();

export const INFINITY_SIGNATURE = Uint8Array.from([0xc0, ...new Array(95).fill(0)]);

export class Keyring {
  #committees = new Map();

  constructor(preset, seed) {
    this.preset = preset;
    this.seed = seed;
  }

  /** The committee of `period`: {value (SyncCommittee), view node for states, secrets as integers}. */
  committee(period) {
    let found = this.#committees.get(period);
    if (!found) {
      found = this.#derive(period);
      this.#committees.set(period, found);
    }
    return found;
  }

  #derive(period) {
    const secrets = [];
    const keys = [];
    for (let i = 0; i < this.preset.committeeSize; i++) {
      const secret = blst.SecretKey.fromKeygen(sha256(`${this.seed} committee ${period} member ${i}`));
      secrets.push(BigInt(toHex(secret.toBytes())));
      keys.push(secret.toPublicKey());
    }
    const value = {
      pubkeys: keys.map((key) => key.toBytes()),
      aggregatePubkey: blst.aggregatePublicKeys(keys).toBytes(),
    };
    const view = this.preset.ssz.altair.SyncCommittee.toViewDU(value);
    view.commit();
    view.hashTreeRoot();
    return {value, node: view.node, secrets};
  }

  /**
   * The aggregate signature of the members whose bit is set. BLS is linear, so one signature with
   * the sum of their secret keys is byte for byte the aggregate of theirs, at the cost of one.
   */
  sign(period, bits, signingRoot) {
    const {secrets} = this.committee(period);
    const sum = secrets.reduce((total, secret, i) => (bits[i] ? total + secret : total), 0n) % CURVE_ORDER;
    if (sum === 0n) return INFINITY_SIGNATURE;
    return blst.SecretKey.fromBytes(fromHex(sum.toString(16).padStart(64, '0'))).sign(signingRoot).toBytes();
  }

  /**
   * Who takes part in `slot` on a branch: exactly round(share * size) members, chosen from the
   * seed, so that the same options give the same blocks.
   */
  participants(slot, branch, share) {
    const size = this.preset.committeeSize;
    const wanted = Math.round(Math.min(Math.max(share, 0), 1) * size);
    const bits = new Array(size).fill(true);
    let left = size - wanted;
    for (let n = 0; left > 0; n++) {
      const digest = sha256(`${this.seed} absent ${slot} ${branch} ${n}`);
      for (let at = 0; at < 32 && left > 0; at += 2) {
        const i = digest.readUInt16LE(at) % size;
        if (bits[i]) left--;
        bits[i] = false;
      }
    }
    return bits;
  }
}

/** A compressed point on the curve but outside the group that signatures live in: decodes, must be refused. */
export function pointOutsideSubgroup() {
  for (let x = 1; x < 256; x++) {
    const bytes = new Uint8Array(96);
    bytes[0] = 0x80;
    bytes[95] = x;
    let point;
    try {
      point = blst.Signature.fromBytes(bytes, false);
    } catch {
      continue;
    }
    try {
      point.sigValidate(false);
    } catch {
      return bytes;
    }
  }
  throw new Error('no point found');
}
