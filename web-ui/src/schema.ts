// Forms made from a schema: what a field of each type takes, and whether what was typed fits it. Pure.
import type { SchemaField } from './contract-identity'

export type Kind = 'bool' | 'address' | 'int' | 'bytes' | 'string' | 'list' | 'tuple' | 'json'

// A list of plain things is typed one a line; what is deeper is written as JSON, which the node checks.
export function kindOf(field: Pick<SchemaField, 'type' | 'parts'>): Kind {
  const { type } = field
  const inner = /^(.*)\[\d*\]$/.exec(type)
  if (inner) return /^(?:bool|address|string|ipfsHash|u?int\d*|bytes\d*)$/.test(inner[1] ?? '') ? 'list' : 'json'
  if (type === 'bool' || type === 'address' || type === 'string') return type
  if (/^u?int\d*$/.test(type)) return 'int'
  if (/^bytes\d*$/.test(type) || type === 'ipfsHash') return 'bytes'
  return field.parts.length ? 'tuple' : 'json'
}

export function boundsOf(type: string): [bigint, bigint] {
  const bits = BigInt(/\d+$/.exec(type)?.[0] ?? '256')
  return type.startsWith('u') ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]
}

const sizeOf = (type: string): number | null => (type === 'ipfsHash' ? 32 : Number(/\d+$/.exec(type)?.[0] ?? '') || null)

// What a field takes, in words under it.
export function hintOf(type: string): string {
  const inner = /^(.*)\[(\d*)\]$/.exec(type)
  if (inner) {
    const [, of = '', n = ''] = inner
    return `${n ? `Exactly ${n}` : 'Any number'}, one a line. ${of === 'string' ? '' : hintOf(of)}`.trim()
  }
  if (/^u?int/.test(type)) {
    const [low, high] = boundsOf(type)
    if (high < 10n ** 15n) return `A whole number from ${low} to ${high}.`
    return `A whole number${low < 0n ? ', also below zero' : ''}, of at most ${String(high).length} digits.`
  }
  if (type === 'address') return '0x and 40 digits.'
  if (type === 'bool') return 'Yes or no.'
  const size = sizeOf(type)
  if (kindOf({ type, parts: [] }) === 'bytes') return size ? `0x and ${2 * size} hexadecimal digits.` : '0x and hexadecimal digits, two a byte.'
  return type === 'string' ? '' : 'As JSON: lists in [ ], numbers in quotes.'
}

export class Unfit extends Error {}
const unfit = (words: string): never => {
  throw new Unfit(words)
}

function single(type: string, typed: string): unknown {
  const t = typed.trim()
  if (type === 'string') return typed
  if (type === 'bool') return /^(?:true|yes)$/i.test(t) ? true : /^(?:false|no)$/i.test(t) ? false : unfit('yes or no')
  if (type === 'address') return /^0x[0-9a-fA-F]{40}$/.test(t) ? t : unfit('an address is 0x and 40 digits')
  if (/^u?int/.test(type)) {
    if (!/^-?\d{1,78}$/.test(t)) return unfit('a whole number')
    const [low, high] = boundsOf(type)
    const n = BigInt(t)
    if (n < low) return unfit(`at least ${low}`)
    return n > high ? unfit(`at most ${high}`) : String(n)
  }
  const size = sizeOf(type)
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(t)) return unfit('0x and hexadecimal digits, two a byte')
  return size && t.length !== 2 + 2 * size ? unfit(`0x and ${2 * size} digits, not ${t.length - 2}`) : t
}

// What the node is given for what was typed; throws Unfit with what would have fitted.
export function valueOf(field: Pick<SchemaField, 'type' | 'parts'>, typed: string): unknown {
  const kind = kindOf(field)
  if (kind === 'json') {
    try {
      return JSON.parse(typed) as unknown
    } catch {
      return unfit('JSON, like [["name", "1"]]')
    }
  }
  if (kind !== 'list') return single(field.type, typed)
  const [, of = '', n = ''] = /^(.*)\[(\d*)\]$/.exec(field.type) ?? []
  const lines = typed.split('\n').filter(line => line.trim() !== '')
  if (n && lines.length !== Number(n)) return unfit(`${n} lines, not ${lines.length}`)
  return lines.map((line, i) => {
    try {
      return single(of, line)
    } catch (error) {
      return unfit(`line ${i + 1}: ${error instanceof Error ? error.message : ''}`)
    }
  })
}
