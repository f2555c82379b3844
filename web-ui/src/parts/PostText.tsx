// The text of a post: addresses lead on, media wait for a click, a warning folds all of it. Everything in it is
// somebody else's text.
import { useSignal } from '@preact/signals'
import type { Post } from '../contract-posts'
import { Icon } from '../icons'
import { mediaOf, type Medium } from '../media'
import { piecesOf, plain, plainLine, type Piece } from '../plain'
import { lists } from '../social'
import { PostMedia } from './PostMedia'

const LONG = 1200

// What a medium is called, in the text and in its box.
const NAMES = { image: 'picture', video: 'video', audio: 'sound', file: 'file' } as const

function One({ p, media }: { p: Piece; media: Medium[] }) {
  if (p.s === 'text') return <>{p.text}</>
  const medium = p.s === 'image' || p.s === 'link' ? media.find(m => m.url === p.href) : undefined
  if (medium) return <span class="mute">[{NAMES[medium.kind]} below]</span>
  if (p.s === 'link' || p.s === 'image') {
    return (
      <a href={p.href} target="_blank" rel="noreferrer noopener">
        {p.s === 'link' ? p.text : p.href}
      </a>
    )
  }
  return (
    <a class="mono" href={p.href}>
      {p.text}
    </a>
  )
}

// A quoted post stands below in whole, so that its address at the end of the text says nothing more.
function withoutQuoted(pieces: Piece[], quoted: string | null): Piece[] {
  const last = pieces.at(-1)
  if (quoted === null || last?.s !== 'post' || last.href !== `#/thread/${quoted}`) return pieces
  return pieces.slice(0, -1).map((p, i, all) => (i === all.length - 1 && p.s === 'text' ? { ...p, text: p.text.trimEnd() } : p))
}

function Words({ content, media, quoted }: { content: string; media: Medium[]; quoted: string | null }) {
  const isWhole = useSignal(false)
  const isLong = content.length > LONG
  const pieces = withoutQuoted(piecesOf(isLong && !isWhole.value ? content.slice(0, LONG) : content.trimEnd()), quoted)
  return (
    <>
      <p class="said" dir="auto">
        {pieces.map((p, i) => (
          <One key={i} p={p} media={media} />
        ))}
        {isLong && !isWhole.value && '…'}
      </p>
      {isLong && (
        <div class="stack tight">
          <button class="btn s" type="button" aria-expanded={isWhole.value} onClick={() => (isWhole.value = !isWhole.value)}>
            {isWhole.value ? 'Show less' : 'Show all of it'}
          </button>
        </div>
      )}
    </>
  )
}

// The node says that it is muted; the lists say by what.
function whyMuted(p: Post): string {
  const muted = lists.now.value.value?.muted
  if (!muted) return 'You muted this'
  if (muted.people.some(one => one.pubkey === p.pubkey)) return 'You muted this person'
  if (muted.threads.includes(p.id) || (p.root !== null && muted.threads.includes(p.root))) return 'You muted this thread'
  const text = p.content.toLowerCase()
  const word = muted.words.find(w => text.includes(w.toLowerCase()))
  return word === undefined ? 'You muted this' : `It holds “${plainLine(word, 40)}”, which you muted`
}

export const whyFolded = (p: Post): string | null =>
  p.signature !== 'verified' ? 'The signature does not hold: anybody can have written this' : p.muted ? whyMuted(p) : p.warning !== null ? `Content warning: ${plainLine(p.warning, 120) || 'no reason given'}` : null

export function PostText({ p }: { p: Post }) {
  const isOpen = useSignal(false)
  const why = whyFolded(p)
  const title = p.kind === 30023 ? p.tags.find(([name]) => name === 'title')?.[1] : null
  const media = mediaOf(p)
  const text = (
    <>
      {title && (
        <p class="said" dir="auto">
          <b>{plain(title)}</b>
        </p>
      )}
      <Words content={p.content} media={media} quoted={p.embedded?.id ?? null} />
      <PostMedia media={media} />
    </>
  )
  if (!why) return text
  return (
    <>
      <div class="stack tight">
        <button class="btn s" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          <Icon name="warn" />
          <span>
            {why}. {isOpen.value ? 'Hide' : 'Show'}
          </span>
        </button>
      </div>
      {isOpen.value && text}
    </>
  )
}
