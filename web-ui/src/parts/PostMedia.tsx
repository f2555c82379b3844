// Media of a post. What lies elsewhere is a box that says where, and loads only when the reader wants it to, through
// their node; what the node has is shown from its own door. Both stand in a frame of one height, so that nothing jumps.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { bytes } from '../format'
import { Icon } from '../icons'
import { fetchMedium, here, lookFor, type Medium } from '../media'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { Trouble, useAct } from './Form'

const NAMES = { image: 'Picture', video: 'Video', audio: 'Sound', file: 'File' } as const

function about(m: Medium): string {
  const facts = [m.type && plainLine(m.type, 40), m.size !== null && bytes(m.size)].filter(Boolean)
  return facts.length ? `Said to be ${facts.join(', ')}.` : ''
}

function Away({ m }: { m: Medium }) {
  const act = useAct()
  const host = plainLine(m.host)
  const name = NAMES[m.kind]
  const load = (): void => act.run(() => fetchMedium(m).then(() => say('Loaded')))
  return (
    <div class={m.kind === 'image' || m.kind === 'video' ? 'medium away' : 'medium away low'} role="group" aria-label={`${name} at ${host}`}>
      <Icon name="image" />
      <b class="host">
        {name} at {host}, not loaded
      </b>
      {m.alt && <span class="small">“{plainLine(m.alt, 200)}”</span>}
      <span class="small mute">
        {about(m)} If you load it, {host} sees your node’s address and that it wants this.
      </span>
      <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={load}>
        <Icon name="save" />
        {act.isBusy ? 'Loading' : 'Load it through my node'}
      </button>
      <Trouble act={act} title="It was not loaded" />
    </div>
  )
}

function Shown({ m, at, type }: { m: Medium; at: string; type: string }) {
  const isBroken = useSignal(false)
  const words = m.alt ? plainLine(m.alt, 300) : `${NAMES[m.kind]} from ${plainLine(m.host)}, without a description`
  const kind = type.split('/')[0]
  if (isBroken.value) {
    return (
      <div class="medium away low">
        <Icon name="image" />
        <b>This browser cannot show it</b>
        <a class="by small" href={at} target="_blank" rel="noreferrer noopener">
          Open the file
        </a>
      </div>
    )
  }
  const failed = (): void => void (isBroken.value = true)
  if (kind === 'video') return <video class="medium" src={at} controls preload="metadata" aria-label={words} onError={failed} />
  if (kind === 'audio') return <audio src={at} controls preload="metadata" aria-label={words} onError={failed} />
  if (kind === 'image' || (!kind && m.kind === 'image')) {
    return (
      <a class="medium" href={at} target="_blank" rel="noreferrer noopener">
        <img src={at} alt={words} decoding="async" onError={failed} />
      </a>
    )
  }
  return (
    <a class="by" href={at} target="_blank" rel="noreferrer noopener">
      <Icon name="save" /> {words}
    </a>
  )
}

export function PostMedia({ media }: { media: Medium[] }) {
  const key = media.map(m => m.url).join('\n')
  useEffect(() => lookFor(media.map(m => m.url)), [key])
  if (!media.length) return null
  return (
    <div class="stack tight full media">
      {media.map(m => {
        const known = here.value.get(m.url)
        return known?.at ? <Shown key={m.url} m={m} at={known.at} type={known.type || (m.type ?? '')} /> : <Away key={m.url} m={m} />
      })}
    </div>
  )
}
