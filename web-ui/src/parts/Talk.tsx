// One talk: what was said, oldest first, from where it was read, and what became of what the reader sent.
import { useSignal, type Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Message } from '../contract-talk'
import { shortHash, stamp } from '../format'
import { Icon, Tile } from '../icons'
import { socialMe } from '../node'
import { piecesOf, plain, plainLine } from '../plain'
import { lists } from '../social'
import { keyOf, markRead, messages, olderMessages, sentTo, talk, type Partner } from '../talk'
import { mood } from '../view'
import { NotYet, Old } from './FeedNav'
import { Trouble, useAct } from './Form'
import { nameOfKey } from './PostHead'
import { hasTaken, stateWords } from './Sent'
import { askedWords } from './Source'
import { WriteMessage } from './WriteMessage'

const FILE = 15 // kind: the text is the address of a sealed file

function Text({ m }: { m: Message }) {
  if (m.kind === FILE) return <p class="said small">A sealed file at {plainLine(m.content, 200)}. This page cannot open it.</p>
  return (
    <p class="said" dir="auto">
      {piecesOf(m.content).map((p, i) =>
        p.s === 'text' ? (
          p.text
        ) : (
          <a key={i} href={p.href} {...((p.s === 'link' || p.s === 'image') && { target: '_blank', rel: 'noreferrer noopener' })}>
            {p.s === 'image' ? p.href : p.text}
          </a>
        )
      )}
    </p>
  )
}

// Only this page knows what the relays said; the node sends again by itself what is on its way.
function Became({ id }: { id: string }) {
  const sent = sentTo.value.get(id)
  if (!sent) return null
  const taken = sent.filter(hasTaken).length
  const isLost = sent.length > 0 && sent.every(s => s.state === 'no_answer' || s.state === 'refused')
  return (
    <span class={isLost ? 'small prov stale long' : 'small mute'}>
      {isLost && <Icon name="warn" />}
      <span>
        {sent.length === 0 ? 'kept here' : `${taken} of ${sent.length} took it`}
        {sent.filter(s => !hasTaken(s)).map(s => `; ${stateWords(s)}`)}
      </span>
    </span>
  )
}

// In a group each message says whose it is: by the name of those who are followed, else by key.
const nameIn = (key: string): string => nameOfKey(key, lists.now.value.value?.follows.find(f => f.pubkey === key)?.name ?? null)

interface BubbleProps {
  m: Message
  name: string | null // null: of a group
  about: Message | null
  onReply(): void
}
function Bubble({ m, name, about, onReply }: BubbleProps) {
  const isOwn = m.from === socialMe.value?.pubkey
  return (
    <li class={isOwn ? 'bubble own' : 'bubble'}>
      {isOwn || name !== null ? <span class="sr">{isOwn ? 'You' : name}: </span> : <a class="by small" href={`#/author/${m.from}`}><bdi>{nameIn(m.from)}</bdi></a>}
      {m.reply_to && <p class="small mute answered">{about ? <bdi>{plainLine(about.content, 80)}</bdi> : 'to an earlier message'}</p>}
      <Text m={m} />
      <span class="line">
        <span class="small mute">{stamp(m.at * 1000)}</span>
        {isOwn && <Became id={m.id} />}
        <button class="btn quiet s" type="button" aria-label={`Reply to: ${plainLine(m.content, 40)}`} onClick={onReply}>
          <Icon name="reply" />
        </button>
      </span>
    </li>
  )
}

// Read is what stands on a page that somebody looks at.
function useRead(who: Partner, list: Message[]): void {
  const me = socialMe.value?.pubkey
  const newest = list.findLast(m => m.from !== me)?.at ?? 0
  useEffect(() => {
    const look = (): void => void (newest > 0 && document.visibilityState === 'visible' && markRead(who, newest))
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [keyOf(who), newest])
}

function Older() {
  const act = useAct()
  if (talk.value?.isComplete !== false) return null
  return (
    <>
      <button class="btn wide" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(olderMessages)}>
        {act.isBusy ? 'Asking for older ones' : 'Older messages'}
      </button>
      <Trouble act={act} title="No older ones came" />
    </>
  )
}

function List({ who, name, replyTo }: { who: Partner; name: string; replyTo: Signal<Message | null> }) {
  const end = useRef<HTMLDivElement>(null)
  const list = talk.value?.list ?? []
  useRead(who, list)
  // Only what comes at the end moves the page, not what was asked for above it.
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [list.at(-1)?.id])
  const source = talk.value?.source
  return (
    <>
      <Older />
      {list.length === 0 && (
        <p class="mute">
          Nothing was written yet. {source && source.asked > 0 && `${askedWords(source)}.`}
        </p>
      )}
      <ul class="stack tight" aria-label="Messages">
        {list.map(m => (
          <Bubble key={m.id} m={m} name={who.others?.length ? null : name} about={m.reply_to === null ? null : (list.find(o => o.id === m.reply_to) ?? null)} onReply={() => (replyTo.value = m)} />
        ))}
      </ul>
      <div ref={end} />
    </>
  )
}

export function Talk({ who, name }: { who: Partner; name: string }) {
  const got = messages.now.value
  const replyTo = useSignal<Message | null>(null)
  return (
    <>
      <Old got={got} again={messages.again} />
      <NotYet got={got} again={messages.again} what="these messages" />
      {got.value && (
        <section class="card" aria-labelledby="talk-h">
          <header>
            <h2 id="talk-h" tabIndex={-1} class="line">
              <Tile of={who.with} small />
              <a class="by" href={`#/author/${who.with}`}>
                <bdi>{plain(name)}</bdi>
              </a>
            </h2>
            <span class="small mute">{who.others?.length ? <>with {who.others.map((o, i) => [i > 0 && ', ', <a key={o} href={`#/author/${o}`}><bdi>{nameIn(o)}</bdi></a>])}</> : shortHash(who.with)}</span>
          </header>
          <div class="body">
            <List who={who} name={name} replyTo={replyTo} />
            <WriteMessage key={keyOf(who)} who={who} replyTo={replyTo} />
          </div>
        </section>
      )}
    </>
  )
}
