// The text of a post: addresses lead on, pictures wait for a click, a warning folds all of it. Everything in it is
// somebody else's text.
import { useSignal } from '@preact/signals'
import type { Post } from '../contract-posts'
import { Icon } from '../icons'
import { piecesOf, plain, plainLine, type Piece } from '../plain'
import { mayLoad } from '../remote'
import { Note } from './Notes'

const LONG = 1200

function Picture({ host, href }: { host: string; href: string }) {
  const state = useSignal<'no' | 'shown' | 'forbidden' | 'failed'>('no')
  const load = (): void => void mayLoad(href).then(may => (state.value = may ? 'shown' : 'forbidden'))
  if (state.value === 'shown') {
    return <img class="pic" src={href} alt={`From ${host}, without a description`} referrerPolicy="no-referrer" onError={() => (state.value = 'failed')} />
  }
  if (state.value === 'no') {
    return (
      <button class="btn s" type="button" onClick={load}>
        <Icon name="image" />
        Load image from {plainLine(host)}
      </button>
    )
  }
  return (
    <Note icon="image" title={state.value === 'failed' ? 'The image did not load' : 'Your node lets this page load no images from elsewhere'}>
      <span>
        <a class="by" href={href} target="_blank" rel="noreferrer noopener">
          Open it at {plainLine(host)}
        </a>{' '}
        in a tab of its own. That host then sees your address.
      </span>
    </Note>
  )
}

function One({ p }: { p: Piece }) {
  if (p.s === 'text') return <>{p.text}</>
  if (p.s === 'image') return <span class="mute">[image below]</span>
  if (p.s === 'link') {
    return (
      <a href={p.href} target="_blank" rel="noreferrer noopener">
        {p.text}
      </a>
    )
  }
  return (
    <a class="mono" href={p.href}>
      {p.text}
    </a>
  )
}

function Words({ content }: { content: string }) {
  const isWhole = useSignal(false)
  const isLong = content.length > LONG
  const pieces = piecesOf(isLong && !isWhole.value ? content.slice(0, LONG) : content)
  const pictures = pieces.filter(p => p.s === 'image')
  return (
    <>
      <p class="said" dir="auto">
        {pieces.map((p, i) => (
          <One key={i} p={p} />
        ))}
        {isLong && !isWhole.value && '…'}
      </p>
      {(isLong || pictures.length > 0) && (
        <div class="stack tight">
          {isLong && (
            <button class="btn s" type="button" aria-expanded={isWhole.value} onClick={() => (isWhole.value = !isWhole.value)}>
              {isWhole.value ? 'Show less' : 'Show all of it'}
            </button>
          )}
          {pictures.map(p => (
            <Picture key={p.href} host={p.host} href={p.href} />
          ))}
        </div>
      )}
    </>
  )
}

export const whyFolded = (p: Post): string | null =>
  p.muted ? 'You muted this person' : p.warning !== null ? `Content warning: ${plainLine(p.warning, 120) || 'no reason given'}` : p.signature !== 'verified' ? 'The signature does not hold: anybody can have written this' : null

export function PostText({ p }: { p: Post }) {
  const isOpen = useSignal(false)
  const why = whyFolded(p)
  const title = p.kind === 30023 ? p.tags.find(([name]) => name === 'title')?.[1] : null
  const text = (
    <>
      {title && (
        <p class="said" dir="auto">
          <b>{plain(title)}</b>
        </p>
      )}
      <Words content={p.content} />
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
