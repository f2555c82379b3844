// Letting a device in: by an invitation that it is given, or by the address that it shows. What it may do unasked is
// ticked here; its own wishes are shown and grant nothing.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { CAREFUL, COMMON, invite, letIn, wishesOf } from '../devices'
import type { Invite } from '../contract-bunker'
import { clockTime, count } from '../format'
import { nodeNow } from '../clock'
import { Icon } from '../icons'
import { plainLine } from '../plain'
import { say } from '../say'
import { lock } from '../wallet'
import { Card, Field } from './Card'
import { CopyText } from './Copy'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { UnlockForm } from './Unlock'

function Tick({ on, put, children }: { on: boolean; put(on: boolean): void; children: string }) {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={e => put(e.currentTarget.checked)} />
      {children}
    </label>
  )
}

function Made({ of: { uri, until }, again }: { of: Invite; again(): void }) {
  const heading = useRef<HTMLParagraphElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const isOver = until * 1000 <= nodeNow.value
  const relays = new URLSearchParams(uri.slice(uri.indexOf('?') + 1)).getAll('relay')
  const isHere = relays.every(r => /^ws:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(r))
  return (
    <div class="body stack">
      <p tabIndex={-1} ref={heading}>
        {isOver ? 'This invitation is over. Nobody can use it any more.' : <>Give this to the device. It is good once, until {clockTime(until * 1000)}; who has it first is let in.</>}
      </p>
      {!isOver && <code class="raw">{uri}</code>}
      {!isOver && isHere && <p class="small mute">It names the relay of this computer alone, so only programs on this computer reach it. For a device elsewhere add a relay to yours first, under Moderation.</p>}
      <span class="line">
        {!isOver && <CopyText value={uri} what="the invitation" />}
        <button class="btn s" type="button" onClick={again}>
          Another device
        </button>
      </span>
    </div>
  )
}

const KINDS: readonly number[] = [1, 1111, 7]
const NO_SEALS = { may_encrypt: false, may_decrypt: false }

export function DeviceAdd() {
  const act = useAct()
  const name = useRef<HTMLInputElement>(null)
  const address = useRef<HTMLInputElement>(null)
  const typed = useSignal('')
  const kinds = useSignal(KINDS)
  const may = useSignal(NO_SEALS)
  const made = useSignal<Invite | null>(null)
  const put = (list: readonly number[], on: boolean): void => {
    kinds.value = [...kinds.value.filter(k => !list.includes(k)), ...(on ? list : [])]
  }
  const wishes = wishesOf(typed.value)
  const submit = (): void => {
    const terms = { ...(name.current?.value.trim() && { name: name.current.value.trim() }), kinds: [...kinds.value], ...may.value }
    const uri = typed.value
    if (uri && !wishes) return act.fail('That is no address of a device: one begins with nostrconnect:// and a key.')
    act.run(async () => {
      if (uri) {
        await letIn(uri, terms)
        say('Let in')
      } else {
        made.value = await invite(terms)
      }
      // What one device may do says nothing about the next.
      kinds.value = KINDS
      may.value = NO_SEALS
      typed.value = ''
      if (address.current) address.current.value = ''
      if (name.current) name.current.value = ''
    })
  }
  if (made.value) {
    return (
      <Card id="add" title="Let a device in">
        <Made of={made.value} again={() => (made.value = null)} />
      </Card>
    )
  }
  return (
    <Card id="add" title="Let a device in">
      <form class="body stack" onSubmit={onSubmit(submit)}>
        <Field label="Name, for you" input={name} max={32} />
        <Field label="Address that the device shows, if it shows one" input={address} code onInput={() => (typed.value = address.current?.value.trim() ?? '')}>
          <small>Begins with nostrconnect://. Without one you get an invitation to give to the device.</small>
        </Field>
        {wishes && (
          <p class="small">
            {wishes.name ? <bdi>{plainLine(wishes.name)}</bdi> : 'It'} {wishes.perms.length ? `would like: ${plainLine(wishes.perms.join(', '), 250)}. Its wishes grant nothing; you tick.` : 'names no wishes.'}
          </p>
        )}
        <fieldset class="stack tight">
          <legend>
            <b>It may sign unasked</b>
          </legend>
          {COMMON.map(([list, words]) => (
            <Tick key={words} on={list.every(k => kinds.value.includes(k))} put={on => put(list, on)}>
              {words}
            </Tick>
          ))}
          <Tick on={may.value.may_encrypt} put={on => (may.value = { ...may.value, may_encrypt: on })}>
            Seal messages
          </Tick>
          <Tick on={may.value.may_decrypt} put={on => (may.value = { ...may.value, may_decrypt: on })}>
            Open messages, also old ones
          </Tick>
        </fieldset>
        <details>
          <summary>
            <Icon name="right" />
            With care, {count(CAREFUL.filter(([k]) => kinds.value.includes(k)).length, 'tick')}
          </summary>
          <fieldset class="stack tight">
            <legend class="small mute">With these a lost device can wipe what you have, or sign you in elsewhere. Left out, each is asked for every time.</legend>
            {CAREFUL.map(([k, words]) => (
              <Tick key={k} on={kinds.value.includes(k)} put={on => put([k], on)}>
                {words}
              </Tick>
            ))}
          </fieldset>
        </details>
        <Trouble act={act} title={typed.value ? 'It was not let in' : 'No invitation was made'} />
        {lock.value !== 'locked' && (
          <Go act={act} busy="Asking your node" wide>
            {typed.value ? 'Let it in' : 'Make an invitation'}
          </Go>
        )}
      </form>
      {lock.value === 'locked' && (
        <div class="body">
          <UnlockForm>Unlock to let a device in</UnlockForm>
        </div>
      )}
    </Card>
  )
}
