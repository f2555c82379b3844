// What a person types: amounts, addresses, passphrases.
export const ADDRESS = /^0x[0-9a-fA-F]{40}$/

// "1,234.5" with 18 places: 1234500000000000000000n. null: no amount, or more digits than the unit has.
export function parseAmount(typed: string, places: number): bigint | null {
  const found = /^(\d{1,60})?(?:\.(\d{0,60}))?$/.exec(typed.trim().replace(/[,_ ]/g, ''))
  if (!found || (!found[1] && !found[2])) return null
  const rest = (found[2] ?? '').replace(/0+$/, '')
  if (rest.length > places) return null
  return BigInt((found[1] ?? '0') + rest.padEnd(places, '0'))
}

export function hexQuantity(n: bigint): string {
  return `0x${n.toString(16)}`
}

// transfer(address,uint256) of ERC-20.
export function transferData(to: string, units: bigint): string {
  return `0xa9059cbb${to.slice(2).toLowerCase().padStart(64, '0')}${units.toString(16).padStart(64, '0')}`
}

// What a passphrase's length says about it; nothing but length can be known here.
export function strengthOf(length: number): { score: number; words: string } {
  if (length < 8) return { score: length * 4, words: 'Too short: at least 8 characters.' }
  if (length < 14) return { score: 45, words: 'Short. A few words more make it much harder to guess.' }
  if (length < 20) return { score: 72, words: 'Good, if it is not a saying.' }
  return { score: 100, words: 'Long. Good, if it is not a saying.' }
}
