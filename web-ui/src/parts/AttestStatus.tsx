// What an attestation is worth, in a word and a sentence: always with the block it was looked at. Only "valid" is valid.
import { nodeNow } from '../clock'
import { FAR_S, type Attestation, type Verdict } from '../contract-identity'
import { brief, group, lowerFirst, reason } from '../format'
import { Icon, type IconName } from '../icons'
import { plainLine } from '../plain'
import { wordsOf } from '../schema-text'
import { nameOf } from '../wallet'
import { AddressRef } from './Ref'

interface Words {
  tone: string
  icon: IconName
  word: string
  says: string // before "as of finalized block N"
}
export const VERDICTS: Record<Verdict, Words> = {
  valid: { tone: 'ok', icon: 'proven', word: 'Valid', says: 'Valid' },
  revoked: { tone: 'bad', icon: 'failed', word: 'Revoked', says: 'Revoked' },
  expired: { tone: 'warn', icon: 'stale', word: 'Expired', says: 'Expired, and not revoked' },
  from_future: { tone: 'warn', icon: 'stale', word: 'From the future', says: 'Its date has not come yet' },
  pending: { tone: 'a', icon: 'sync', word: 'Pending', says: 'In a block that is not final yet' },
  not_there: { tone: 'bad', icon: 'failed', word: 'Not there', says: 'Proven not to be there' },
  invalid: { tone: 'bad', icon: 'failed', word: 'Invalid', says: 'Proven to be false' },
  unverified: { tone: '', icon: 'unproven', word: 'Unverified', says: 'Could not be told' }
}
// What does not hold is struck out.
export const isVoid = (v: Verdict): boolean => v === 'revoked' || v === 'invalid' || v === 'not_there'

export function when(s: number): string {
  if (s > FAR_S) return 'after the year 9999'
  const d = new Date(s * 1000)
  return `${d.getDate()} ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][d.getMonth()] ?? ''} ${d.getFullYear()}`
}

const SOON_MS = 14 * 86_400_000
const leftOf = (a: Attestation): number | null => (a.expiration_time && a.expiration_time <= FAR_S ? a.expiration_time * 1000 - nodeNow.value : null)
export const isEnding = (a: Attestation): boolean => {
  const left = leftOf(a)
  return a.verdict === 'valid' && left !== null && left < SOON_MS
}

export function AttestBadge({ a }: { a: Attestation }) {
  const left = leftOf(a)
  // Between two looks of the node at it, the page's clock is the newer.
  const verdict = a.verdict === 'valid' && left !== null && left <= 0 ? 'expired' : a.verdict
  const { tone, icon, word } = VERDICTS[verdict]
  const isSoon = verdict === 'valid' && isEnding(a)
  return (
    <span class={`badge ${isSoon ? 'warn' : tone}`}>
      <Icon name={isSoon ? 'stale' : icon} />
      {isSoon ? `expires in ${brief(left ?? 0)}` : word}
    </span>
  )
}

export function asOfWords(a: Pick<Attestation, 'as_of'>): string {
  if (!a.as_of) return ', as of no block yet'
  return ` as of ${a.as_of.level === 'finalized' ? 'finalized block' : 'block'} ${group(a.as_of.number)}`
}

export function AttestSaid({ a }: { a: Attestation }) {
  const { says } = VERDICTS[a.verdict]
  const ends = a.expiration_time ? `${a.verdict === 'expired' ? 'It ended' : 'Expires'} ${when(a.expiration_time)}.` : a.verdict === 'valid' ? 'No expiry.' : ''
  const revoked = a.verdict === 'revoked' && a.revocation_time ? `On ${when(a.revocation_time)}.` : ''
  const why = ['valid', 'revoked', 'pending'].includes(a.verdict) || !a.why ? '' : reason(plainLine(a.why, 240))
  return (
    <>
      {says}
      {asOfWords(a)}. {[revoked, ends, why].filter(Boolean).join(' ')}
    </>
  )
}

export function titleOf(a: Pick<Attestation, 'values' | 'schema_text' | 'schema'>): string {
  const names = (a.values ?? []).map(v => v.name).filter(Boolean)
  if (names.length === 0) return a.schema ? `Schema ${a.schema.slice(0, 10)}…` : 'Of no schema'
  const [first = '', ...rest] = names
  return plainLine([wordsOf(first), ...rest.map(n => lowerFirst(wordsOf(n)))].slice(0, 3).join(', ') + (names.length > 3 ? ' and more' : ''))
}

// An account by the name its owner here has given it, or by its address.
export function Whose({ a }: { a: string | null }) {
  if (!a || /^0x0{40}$/.test(a)) return <>nobody named</>
  const name = nameOf(a)
  return name ? <b>{plainLine(name)}</b> : <AddressRef a={a} />
}

export const said = (text: string | null): string => (text ? (reason(plainLine(text, 240)) ?? '') : '')
