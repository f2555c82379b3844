// One post: who signed it, when, what it says, and what can be done about it.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { nodeNow } from '../clock'
import type { Post } from '../contract-posts'
import { brief, count, dated, shortHash } from '../format'
import { Icon, Tile } from '../icons'
import { plainLine } from '../plain'
import { vote } from '../acts'
import { Compose } from './Compose'
import { Trouble, useAct } from './Form'
import { PostActs } from './PostActs'
import { PostText, whyFolded } from './PostText'
import { mood } from '../view'

export const nameOfKey = (pubkey: string, name: string | null): string => (name && plainLine(name)) || shortHash(pubkey)

// Verified by this node, or not at all: there is no third.
function Signature({ p }: { p: Post }) {
  const isGood = p.signature === 'verified'
  return (
    <span class={`prov ${isGood ? 'ok' : 'bad'}`} title={isGood ? 'Your node checked the signature itself: the holder of this key wrote it, and nothing was changed' : 'Your node checked the signature, and it does not hold'}>
      <Icon name={isGood ? 'proven' : 'failed'} />
      {isGood ? 'Signed' : 'Not signed by this key'}
    </span>
  )
}

// The time is the author's word: one from the future is told as such.
function When({ p }: { p: Post }) {
  const ms = p.created_at * 1000
  const age = nodeNow.value - ms
  return (
    <a class="small mute by" href={`#/thread/${p.id}`} title={`${dated(ms)}, as its author dated it`}>
      <time dateTime={Number.isFinite(new Date(ms).getTime()) ? new Date(ms).toISOString() : undefined}>{age < -60_000 ? `dated ${brief(-age)} ahead` : brief(age)}</time>
      <span class="sr">, open the thread</span>
    </a>
  )
}

export function Head({ p, children }: { p: Post; children?: ComponentChildren }) {
  const name = nameOfKey(p.pubkey, p.name)
  return (
    <header class="line">
      <a href={`#/author/${p.pubkey}`}>
        <b class={p.signature === 'verified' ? undefined : 'lie'}>
          <bdi>{name}</bdi>
        </b>
      </a>
      {p.nip05 && (
        <span class="small mute host" title="A name that this key claims for itself. Its page says whether it holds.">
          claims <bdi>{plainLine(p.nip05)}</bdi>
        </span>
      )}
      <Signature p={p} />
      <When p={p} />
      {p.expires !== null && <span class="small mute">{p.expires * 1000 > nodeNow.value ? `goes in ${brief(p.expires * 1000 - nodeNow.value)}` : 'has expired'}</span>}
      {children}
    </header>
  )
}

function Poll({ p }: { p: Post }) {
  const act = useAct()
  if (!p.poll) return null
  const { options, ends, mine } = p.poll
  const all = options.reduce((n, o) => n + o.votes, 0)
  const isOver = ends !== null && ends * 1000 < nodeNow.value
  return (
    <div class="stack tight full">
      <ul class="poll" aria-label="Poll">
        {options.map(o => (
          <li key={o.id}>
            <div class="line apart">
              <bdi class="name">{plainLine(o.label, 120)}</bdi>
              <span class="line">
                <span class="small mute">{count(o.votes, 'vote')}</span>
                {mine === o.id ? (
                  <span class="badge a">yours</span>
                ) : (
                  !mine && !isOver && (
                    <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => vote(p.id, o.id))}>
                      Vote<span class="sr"> for {plainLine(o.label, 120)}</span>
                    </button>
                  )
                )}
              </span>
            </div>
            <progress max={Math.max(1, all)} value={o.votes} aria-label={`${plainLine(o.label, 120)}, share of the votes seen`} />
          </li>
        ))}
      </ul>
      <span class="small mute">
        {count(all, 'vote')} seen here. {isOver ? 'It is over.' : ends !== null ? `Ends in ${brief(ends * 1000 - nodeNow.value)}.` : ''}
      </span>
      <Trouble act={act} title="Your vote was not cast" />
    </div>
  )
}

function Quoted({ p }: { p: Post }) {
  return (
    <div class="stack full">
      <div class="quote">
        <Head p={p} />
        <PostText p={p} />
      </div>
    </div>
  )
}

interface Props {
  p: Post
  reply?: boolean // drawn under the post before it
  asked?: boolean // the one that the thread was opened for
  answered?: () => void // an answer was sent
}

export function PostView({ p, reply, asked, answered }: Props) {
  const isAnswering = useSignal(false)
  const name = nameOfKey(p.pubkey, p.name)
  const isRepost = (p.kind === 6 || p.kind === 16) && p.embedded
  return (
    <article class={`post${reply ? ' reply' : ''}${asked ? ' asked' : ''}`} aria-label={name}>
      <Tile of={p.pubkey} />
      <Head p={p}>{isRepost && <span class="small mute">passed this on</span>}</Head>
      {isRepost ? null : <PostText p={p} />}
      {p.embedded && (isRepost || !whyFolded(p)) && <Quoted p={p.embedded} />}
      <Poll p={p} />
      <PostActs p={isRepost && p.embedded ? p.embedded : p} name={name} isAnswering={isAnswering} own={p} />
      {isAnswering.value && (
        <div class="stack full">
          <Compose
            replyTo={p.id} label={`Reply to ${name}`}
            done={() => {
              isAnswering.value = false
              answered?.()
            }}
          />
        </div>
      )}
    </article>
  )
}
