// With whom messages were exchanged, the newest first, and a way to begin with somebody new.
import { useSignal } from '@preact/signals'
import { useEffect, useId } from 'preact/hooks'
import { nodeNow } from '../clock'
import type { Conversation } from '../contract-talk'
import { brief, count } from '../format'
import { EmptyTile, Tile } from '../icons'
import { namedBy, plainLine } from '../plain'
import { goTo, PERSON } from '../route'
import { argOf, conversations, keyOf, partner } from '../talk'
import { NotYet, Old } from './FeedNav'
import { onSubmit } from './Form'
import { nameOfKey } from './PostHead'

const LOOK_MS = 1500

function Row({ c, isHere }: { c: Conversation; isHere: boolean }) {
  return (
    <li>
      <Tile of={c.with} />
      <div>
        <a class="by name" href={`#/messages/${argOf(c.with, c.others)}`} aria-current={isHere ? 'true' : undefined}>
          <bdi>{nameOfKey(c.with, c.name)}</bdi>
          {c.others.length > 0 && ` and ${count(c.others.length, 'other')}`}
        </a>
        {c.last && (
          <span class="sub cut">
            <bdi>{plainLine(c.last, 60)}</bdi>
          </span>
        )}
      </div>
      <span class="line">
        {c.at !== null && <span class="small mute">{brief(nodeNow.value - c.at * 1000)}</span>}
        {c.unread > 0 && (
          <span class="count">
            {c.unread}
            <span class="sr"> unread</span>
          </span>
        )}
      </span>
    </li>
  )
}

function Begin() {
  const id = useId()
  const why = useSignal('')
  const typed = useSignal('')
  const submit = (): void => {
    const who = typed.value.trim().replace(/^nostr:/, '').toLowerCase()
    if (!PERSON.test(who) || (who.startsWith('npub') && !namedBy(who))) {
      why.value = 'That is no Nostr address: one begins with npub1 and is 63 characters long. '
      return
    }
    goTo(`#/messages/${who}`)
  }
  return (
    <form class="body" onSubmit={onSubmit(submit)} aria-label="A new conversation">
      <div class="field">
        <label for={id}>Write to somebody new, by npub</label>
        <div class="join">
          <input id={id} class="mono" value={typed.value} maxLength={80} autocomplete="off" spellcheck={false} aria-describedby={`${id}-help`} onInput={e => (typed.value = e.currentTarget.value)} />
          <button class="btn" type="submit">
            Write
          </button>
        </div>
        <small id={`${id}-help`} role={why.value ? 'alert' : undefined}>
          {why.value}Or open somebody’s page and write from there.
        </small>
      </div>
    </form>
  )
}

// Wraps that the keeper of keys is still opening: the list grows by itself, so it is looked at again.
function Opening({ left, unreadable }: { left: number; unreadable: number }) {
  useEffect(() => {
    if (!left) return
    const timer = setInterval(conversations.again, LOOK_MS)
    return () => clearInterval(timer)
  }, [left > 0])
  return (
    <div role="status" class={left || unreadable ? 'body small mute' : undefined}>
      {left > 0 && `Opening ${count(left, 'sealed message')} more. `}
      {unreadable > 0 && `${count(unreadable, 'sealed message')} could not be read: not for this key, or not whole.`}
    </div>
  )
}

export function Conversations() {
  const got = conversations.now.value
  const { value } = got
  return (
    <>
      <Old got={got} again={conversations.again} />
      <NotYet got={got} again={conversations.again} what="your messages" />
      {value && (
        <section class="card" aria-label="Conversations">
          <Opening left={value.opening} unreadable={value.unreadable} />
          {value.conversations.length ? (
            <ul class="rows">
              {value.conversations.map(c => (
                <Row key={argOf(c.with, c.others)} c={c} isHere={partner.value !== null && keyOf(partner.value) === argOf(c.with, c.others)} />
              ))}
            </ul>
          ) : (
            !value.opening && (
              <div class="empty">
                <EmptyTile />
                <b>No messages yet</b>
                <p class="mute">Only the two of you can read what you write, and relays do not see who wrote.</p>
              </div>
            )
          )}
          <Begin />
        </section>
      )}
    </>
  )
}
