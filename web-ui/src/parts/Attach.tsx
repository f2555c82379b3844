// The files of a text that is being written: each with its size, type and way, and what becomes public with it.
import type { Signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { attach, describe, detach, FILES_MAX, send, type Attached } from '../attach'
import { bytes } from '../format'
import { Icon } from '../icons'
import { isPrivate } from '../media'
import { plainLine } from '../plain'
import { troubleOf } from '../trouble'
import type { Act } from './Form'
import { Note } from './Notes'

const ALT_MAX = 300

const words = (a: Attached): string =>
  a.step === 'hashing' ? 'being hashed' : a.step === 'sending' ? `${Math.floor(a.share * 100)} % sent to your door` : a.step === 'done' ? 'at your door' : a.error?.code === 'form' ? a.error.message : a.error ? troubleOf(a.error) : 'not sent'

function Row({ a, list }: { a: Attached; list: Signal<Attached[]> }) {
  const name = plainLine(a.file.name || 'pasted picture', 60)
  const isOnWay = a.step === 'hashing' || a.step === 'sending'
  return (
    <li>
      {a.preview ? <img class="thumb" src={a.preview} alt="" /> : <span class="thumb"><Icon name="save" /></span>}
      <div class="stack tight">
        <b class="name">
          <bdi>{name}</bdi>
        </b>
        <span class={a.step === 'failed' ? 'small prov bad long' : 'small mute'}>
          {a.step === 'failed' && <Icon name="failed" />}
          <span>
            {bytes(a.file.size)}, {plainLine(a.file.type, 40) || 'of no known type'}; {words(a)}
          </span>
        </span>
        {a.preview && (
          <label class="field">
            <span class="small">What it shows, for those who cannot see it</span>
            <input value={a.alt} maxLength={ALT_MAX} autocomplete="off" dir="auto" onInput={e => describe(list, a.key, e.currentTarget.value)} />
          </label>
        )}
        {isOnWay && <progress max={1} value={a.share} aria-label={`${name}, sent so far`} />}
      </div>
      <span class="line">
        {a.step === 'failed' && (
          <button class="btn s" type="button" onClick={() => send(list, a.key)}>
            Try again<span class="sr"> with {name}</span>
          </button>
        )}
        <button class="btn s" type="button" onClick={() => detach(list, a.key)}>
          {isOnWay ? 'Stop' : 'Take off'}
          <span class="sr"> {name}</span>
        </button>
      </span>
    </li>
  )
}

export function AttachList({ list }: { list: Signal<Attached[]> }) {
  const all = list.value
  if (!all.length) return null
  const isFar = all.some(a => a.got && isPrivate(a.got.url))
  return (
    <div class="stack tight full">
      <ul class="rows boxed" aria-label="Files">
        {all.map(a => (
          <Row key={a.key} a={a} list={list} />
        ))}
      </ul>
      <p class="small mute">Published as it is: a photo may name its place and camera (EXIF), and whoever has its address can load it.</p>
      {isFar && (
        <Note tone="warn" icon="warn" title="Only this computer reaches your door">
          <span>Others see that there is a file and cannot load it from here, unless your door has a public address.</span>
        </Note>
      )}
    </div>
  )
}

export function addFiles(list: Signal<Attached[]>, files: Iterable<File>, act: Act): void {
  const over = attach(list, files)
  if (over) act.fail(`A post takes ${FILES_MAX} files: ${over} ${over === 1 ? 'was' : 'were'} left out.`)
}

export function AttachButton({ list, act }: { list: Signal<Attached[]>; act: Act }) {
  const input = useRef<HTMLInputElement>(null)
  const chosen = (): void => {
    const { current } = input
    if (!current?.files) return
    addFiles(list, current.files, act)
    current.value = ''
  }
  return (
    <>
      <button class="btn quiet s" type="button" onClick={() => input.current?.click()}>
        <Icon name="image" />
        Picture or file
      </button>
      <input ref={input} type="file" multiple hidden onChange={chosen} />
    </>
  )
}
