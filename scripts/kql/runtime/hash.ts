/** Hashes. `hash()` of Kusto is xxHash64 with seed 0, https://learn.microsoft.com/kusto/query/hash-function. */
import { createHash } from 'node:crypto';

const MASK = (1n << 64n) - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const rotate = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & MASK;
const round = (lane: bigint, input: bigint): bigint => (rotate((lane + input * P2) & MASK, 31n) * P1) & MASK;
const merge = (hash: bigint, lane: bigint): bigint => ((hash ^ round(0n, lane)) * P1 + P4) & MASK;

/** xxHash64 (Y. Collet's specification), unsigned. */
function xxHash64(bytes: Buffer, seed = 0n): bigint {
  const size = bytes.length;
  let at = 0;
  let hash = (seed + P5) & MASK;
  if (size >= 32) {
    const lanes = [(seed + P1 + P2) & MASK, (seed + P2) & MASK, seed, (seed - P1) & MASK];
    for (; at + 32 <= size; at += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i] as bigint, bytes.readBigUInt64LE(at + i * 8));
    }
    const turns = [1n, 7n, 12n, 18n];
    hash = lanes.reduce((sum, lane, i) => sum + rotate(lane, turns[i] as bigint), 0n) & MASK;
    for (const lane of lanes) hash = merge(hash, lane);
  }
  hash = (hash + BigInt(size)) & MASK;
  for (; at + 8 <= size; at += 8) {
    hash = (rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4) & MASK;
  }
  if (at + 4 <= size) {
    hash = (rotate(hash ^ ((BigInt(bytes.readUInt32LE(at)) * P1) & MASK), 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < size; at++) hash = (rotate(hash ^ ((BigInt(bytes[at] as number) * P5) & MASK), 11n) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}

function withModulus(hash: bigint, modulus: bigint | undefined): bigint | null {
  if (modulus === undefined) return BigInt.asIntN(64, hash);
  return modulus > 0n ? hash % modulus : null;
}

export function hashText(text: string, modulus?: bigint): bigint | null {
  return withModulus(xxHash64(Buffer.from(text, 'utf8')), modulus);
}

/** Of a long, or of the ticks of a time. */
export function hashLong(value: bigint, modulus?: bigint): bigint | null {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return withModulus(xxHash64(bytes), modulus);
}

export function digest(algorithm: 'md5' | 'sha1' | 'sha256'): (text: string) => string {
  return (text) => createHash(algorithm).update(text, 'utf8').digest('hex');
}
