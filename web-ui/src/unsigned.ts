// What an unsigned transaction says about its fees: read from the bytes that would be signed (EIP-2718, RLP), so
// that what is shown and changed is what the signature is over. Types 2 (EIP-1559) and 4 (EIP-7702).

export interface Fees {
  tip: bigint // wei a unit of gas
  maxFee: bigint // wei a unit of gas
  gas: bigint
  value: bigint // wei
}

interface Item {
  at: number // of the payload, in characters of the hex text
  end: number
  isList: boolean
}

const byte = (hex: string, at: number): number => parseInt(hex.slice(at, at + 2), 16)

// The item that begins at `at`; null when it is none or ends behind the text.
function itemAt(hex: string, at: number): Item | null {
  const first = byte(hex, at)
  if (Number.isNaN(first)) return null
  if (first < 0x80) return { at, end: at + 2, isList: false }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  const lengthBytes = Math.max(0, short - 55)
  const from = at + 2 + 2 * lengthBytes
  // Longer than four bytes of length is no transaction.
  const length = lengthBytes === 0 ? short : lengthBytes > 4 ? NaN : parseInt(hex.slice(at + 2, from), 16)
  const end = from + 2 * length
  return end <= hex.length ? { at: from, end, isList } : null
}

// Fields of both types: chain id, nonce, tip, maximum fee, gas limit, to, value.
export function feesOf(raw: string): Fees | null {
  if (!/^0x0[24][0-9a-f]+$/i.test(raw)) return null
  const list = itemAt(raw, 4)
  if (!list?.isList || list.end !== raw.length) return null
  const numbers: bigint[] = []
  for (let at = list.at; numbers.length < 7; ) {
    const item = itemAt(raw, at)
    if (!item || item.isList || item.end > list.end) return null
    numbers.push(item.end > item.at ? BigInt(`0x${raw.slice(item.at, item.end)}`) : 0n)
    at = item.end
  }
  const [, , tip = 0n, maxFee = 0n, gas = 0n, , value = 0n] = numbers
  return { tip, maxFee, gas, value }
}
