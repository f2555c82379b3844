// What the reader does not want to see: people, words, threads; each can be had back, and taken back again.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { mute, muteThread, muteWord } from '../acts'
import { count, shortHash } from '../format'
import { Icon, Tile } from '../icons'
import { socialMe } from '../node'
import { plainLine } from '../plain'
import { say } from '../say'
import { lists } from '../social'
import { mood } from '../view'
import { Card } from './Card'
import { onSubmit, Trouble, useAct, type Act } from './Form'
import { nameOfKey } from './PostHead'

const SHOWN_MAX = 200

interface Thing {
  key: string
  name: string
  href: string | null
  tile: ComponentChildren
  set: ((on: boolean) => Promise<void>) | null // null: another program put it there
}

function all(): Thing[] {
  const muted = lists.now.value.value?.muted
  if (!muted) return []
  const word = (w: string): Thing => ({ key: `w ${w}`, name: `“${plainLine(w, 60)}”`, href: null, tile: <Icon name="pen" />, set: on => muteWord(w, on) })
  const person = ({ pubkey, name }: { pubkey: string; name: string | null }): Thing => ({ key: pubkey, name: nameOfKey(pubkey, name), href: `#/author/${pubkey}`, tile: <Tile of={pubkey} small />, set: on => mute(pubkey, on) })
  const thread = (id: string): Thing => ({ key: id, name: `Thread ${shortHash(id)}`, href: `#/thread/${id}`, tile: <Icon name="feed" />, set: on => muteThread(id, on) })
  const tag = (t: string): Thing => ({ key: `t ${t}`, name: `#${plainLine(t, 60)}`, href: null, tile: <Icon name="pen" />, set: null })
  return [...muted.words.map(word), ...muted.tags.map(tag), ...muted.people.map(person), ...muted.threads.map(thread)]
}

function Row({ of, act, done }: { of: Thing; act: Act; done(): void }) {
  const { set } = of
  return (
    <li>
      {of.tile}
      <span class="name">{of.href ? <a class="by" href={of.href}><bdi>{of.name}</bdi></a> : <bdi>{of.name}</bdi>}</span>
      {set ? (
        <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => set(false).then(() => (say('Unmuted'), done())))}>
          Unmute<span class="sr"> {of.name}</span>
        </button>
      ) : (
        <span class="small mute">by another program</span>
      )}
    </li>
  )
}

export function Muted() {
  const act = useAct()
  const last = useSignal<Thing | null>(null)
  const word = useRef<HTMLInputElement>(null)
  if (!socialMe.value?.pubkey) return null
  const got = lists.now.value
  const things = all()
  const submit = (): void => {
    const typed = word.current?.value.trim() ?? ''
    if (!typed) return act.fail('Type a word first.')
    act.run(async () => {
      await muteWord(typed, true)
      say('Muted')
      last.value = null
      if (word.current?.value.trim() === typed) word.current.value = ''
    })
  }
  const undo = (thing: Thing): void => act.run(async () => {
      await thing.set?.(true)
      say('Muted again')
      last.value = null
    })
  return (
    <Card id="muted" title="Muted" side={<span class="small mute">{got.value ? count(things.length, 'entry', 'entries') : ''}</span>} busy={got.isBusy}>
      {things.length > 0 && (
        <ul class="rows">
          {things.slice(0, SHOWN_MAX).map(t => (
            <Row key={t.key} of={t} act={act} done={() => (last.value = t)} />
          ))}
        </ul>
      )}
      <div class="body stack tight">
        {!things.length && <p class="mute">{got.value ? 'Nothing. What you mute is folded in your feed, and nobody is told.' : got.error ? 'Your node does not tell what is muted.' : 'Asking your node.'}</p>}
        {got.value?.muted.has_private && <p class="small mute">Another program has sealed a part of your list. It is kept as it is, and not heeded here.</p>}
        <div role="status">
          {last.value && (
            <div class="line apart">
              <span class="small">
                <bdi>{last.value.name}</bdi> is shown again.
              </span>
              <button class="btn s" type="button" onClick={() => last.value && undo(last.value)}>
                Undo
              </button>
            </div>
          )}
        </div>
        <form class="field" onSubmit={onSubmit(submit)}>
          <label for="mute-word">Mute a word</label>
          <div class="join">
            <input id="mute-word" ref={word} maxLength={100} autocomplete="off" dir="auto" />
            <button class="btn" type="submit" aria-disabled={act.isBusy || mood.value === 'lost'}>
              Mute
            </button>
          </div>
        </form>
        <Trouble act={act} title="It was not done" />
      </div>
    </Card>
  )
}
