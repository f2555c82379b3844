// Negentropy over a set that both sides have: how many bytes go over the wire until both know it (NIP-77).
import { createHash } from 'node:crypto'
import { Wire } from '../system/relay_wire.mjs'

const BUCKETS = 16
const VERSION = 0x61
const FINGERPRINT = 1

function varint(number) {
  const digits = [number % 128]
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 128)
  return Buffer.from(digits)
}

// The first bytes of a hash of the sum of the ids, as little-endian numbers, and their count.
function fingerprint(items) {
  let sum = 0n
  for (const { id } of items) sum += BigInt(`0x${Buffer.from(id, 'hex').reverse().toString('hex')}`)
  const text = (sum % (1n << 256n)).toString(16).padStart(64, '0')
  const body = Buffer.concat([Buffer.from(text, 'hex').reverse(), varint(items.length)])
  return createHash('sha256').update(body).digest().subarray(0, 16)
}

// The shortest prefix of an id that tells it from the one in front of it.
function prefixOf(previous, next) {
  if (previous.created_at !== next.created_at) return Buffer.alloc(0)
  const [a, b] = [Buffer.from(previous.id, 'hex'), Buffer.from(next.id, 'hex')]
  let same = 0
  while (a[same] === b[same]) same++
  return b.subarray(0, same + 1)
}

// What the side that begins says: a fingerprint for each of some equal parts.
export function opening(items) {
  const sorted = [...items].sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
  const parts = [Buffer.from([VERSION])]
  let last = 0
  for (let i = 0, from = 0; i < BUCKETS; i++) {
    const end = from + Math.floor(sorted.length / BUCKETS) + (i < sorted.length % BUCKETS ? 1 : 0)
    const next = sorted[end]
    const prefix = next ? prefixOf(sorted[end - 1], next) : Buffer.alloc(0)
    parts.push(varint(next ? next.created_at - last + 1 : 0), varint(prefix.length), prefix, varint(FINGERPRINT), fingerprint(sorted.slice(from, end)))
    last = next?.created_at ?? last
    from = end
  }
  return Buffer.concat(parts).toString('hex')
}

export async function identical(url, items, filter, print) {
  const wire = await Wire.open(url)
  const begun = performance.now()
  const open = JSON.stringify(['NEG-OPEN', 'n', filter, opening(items)])
  const answer = wire.next(([type]) => type.startsWith('NEG-') || type === 'NOTICE', 10000)
  wire.send(open)
  const got = await answer
  const bytes = open.length + JSON.stringify(got).length
  print('relay_neg_identical', bytes / 1024, 'KiB', 0.7, { items: items.length, ms: Number((performance.now() - begun).toFixed(1)), is_identical: got?.[2] === '61' })
  wire.drop()
}
