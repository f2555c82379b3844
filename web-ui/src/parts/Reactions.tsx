// What a post was reacted with, and the reader's own: one of a few signs, or any other.
import { useSignal } from '@preact/signals'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { react } from '../acts'
import type { Post } from '../contract-posts'
import { count } from '../format'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { onSubmit, type Act } from './Form'

const SIGNS = [['👍', 'thumbs up'], ['❤️', 'heart'], ['😂', 'laughing'], ['🎉', 'party'], ['🤔', 'thinking'], ['👀', 'eyes'], ['🔥', 'fire'], ['🙏', 'thanks']] as const
const SIGN_MAX = 32

export const signOf = (content: string): string => (content === '+' || content === '' ? 'like' : content === '-' ? 'dislike' : plainLine(content, 12))

// Shown when there is more to say than a number of likes.
export function Reacted({ p, act }: { p: Post; act: Act }) {
  if (!p.reacted.some(r => r.content !== '+' && r.content !== '')) return null
  const mine = p.mine.reaction
  return (
    <ul class="line signs" aria-label="Reactions">
      {p.reacted.map(r => {
        const isMine = r.content === mine
        const words = (
          <>
            <bdi>{signOf(r.content)}</bdi> {r.count}
          </>
        )
        return (
          <li key={r.content}>
            {mine === null ? (
              <button class="btn s" type="button" aria-label={`React with ${signOf(r.content)}, ${count(r.count, 'reaction')}`} aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => react(p.id, r.content || '+').then(() => say('Reacted')))}>
                {words}
              </button>
            ) : (
              <span class={isMine ? 'badge a' : 'badge'}>
                {words}
                {isMine && <span class="sr">, yours too</span>}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

export function ReactForm({ p, act, done }: { p: Post; act: Act; done(): void }) {
  const id = useId()
  const own = useSignal('')
  const box = useRef<HTMLFormElement>(null)
  // Before the next key, which may be a Tab.
  useLayoutEffect(() => box.current?.querySelector('button')?.focus(), [])
  const send = (sign: string): void =>
    act.run(async () => {
      await react(p.id, sign)
      say('Reacted')
      done()
    })
  const submit = (): void => {
    const sign = own.value.trim()
    if (!sign) return act.fail('Type a sign or a short word first.')
    send(sign)
  }
  return (
    <form class="stack tight full" ref={box} onSubmit={onSubmit(submit)} aria-label="React">
      <div class="line signs">
        {SIGNS.map(([sign, name]) => (
          <button key={sign} class="btn s" type="button" aria-label={name} aria-disabled={act.isBusy} onClick={() => send(sign)}>
            {sign}
          </button>
        ))}
      </div>
      <div class="field">
        <label for={id}>Another sign, or a short word</label>
        <div class="join">
          <input id={id} value={own.value} maxLength={SIGN_MAX} autocomplete="off" dir="auto" onInput={e => (own.value = e.currentTarget.value)} />
          <button class="btn" type="submit" aria-disabled={act.isBusy}>
            React
          </button>
        </div>
      </div>
    </form>
  )
}
