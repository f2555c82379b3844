// What became of what was signed: which relays have it, in words.
import type { Posted } from '../contract-posts'
import { count } from '../format'
import { plainLine } from '../plain'
import { Note } from './Notes'

type To = Posted['sent'][number]
const STATES: Record<string, string> = { ok: 'took it', sent: 'is on its way', no_answer: 'gave no answer', refused: 'refused it' }
const host = (url: string): string => plainLine(url.replace(/^wss?:\/\//, '').replace(/\/$/, ''))

export const stateWords = (s: To): string => `${host(s.url)} ${STATES[s.state] ?? plainLine(s.state)}`
export const hasTaken = (s: To): boolean => s.state === 'ok'

export function Sent({ posted, title }: { posted: Posted; title: string }) {
  const { sent } = posted
  const others = sent.filter(s => !hasTaken(s))
  const isLost = sent.length > 0 && sent.every(s => s.state === 'no_answer' || s.state === 'refused')
  return (
    <div role="status">
      <Note tone={isLost ? 'warn' : 'ok'} icon={isLost ? 'warn' : 'check'} title={title}>
        <span>
          {sent.length === 0 ? 'Relays that ask your node find it.' : `${sent.length - others.length} of ${count(sent.length, 'relay')} took it.`}
          {others.map(s => ` ${stateWords(s)}.`)}
          {others.some(s => s.state === 'sent') && ' What is on its way is said again when the relay is reached.'}
        </span>
      </Note>
    </div>
  )
}
