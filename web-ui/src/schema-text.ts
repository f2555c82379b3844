// Fields of an attestation as text for people: their values and their names. Pure.
import { plain } from './plain'

const SHOWN_DEEP = 6
// A value as text for people; cut nowhere, made safe to stand on the page.
export function textOf(value: unknown, deep = SHOWN_DEEP): string {
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (typeof value === 'string') return plain(value)
  if (typeof value === 'number') return String(value)
  if (value === null || value === undefined) return 'nothing'
  if (deep === 0) return '…'
  if (Array.isArray(value)) return value.length ? value.map(v => textOf(v, deep - 1)).join(', ') : 'none'
  return Object.entries(value).map(([name, v]) => `${plain(name)}: ${textOf(v, deep - 1)}`).join(', ')
}

// "isHuman" and "birth_year" as words: "Is human", "Birth year".
export function wordsOf(name: string): string {
  const spaced = plain(name).replace(/_+/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2').trim().toLowerCase()
  return spaced ? spaced.charAt(0).toUpperCase() + spaced.slice(1) : 'Without a name'
}
