// A switch whose state is the node's. What tells others more than before asks first, in words, what becomes known to whom.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { mood } from '../view'
import { Trouble, useAct } from './Form'
import { Note } from './Notes'

interface SwitchProps {
  on: boolean
  set(on: boolean): Promise<unknown>
  children: ComponentChildren // its name
  says?: ComponentChildren // what it means
  asks?: { title: string; words: ComponentChildren; yes: string } | undefined // before it is turned on
}

export function Switch({ on, set, children, says, asks }: SwitchProps) {
  const act = useAct()
  const isAsked = useSignal(false)
  const before = useRef(false)
  const place = useRef<HTMLDivElement>(null)
  const held = act.isBusy || mood.value === 'lost'
  // The focus goes to what is asked, and back to the switch.
  useLayoutEffect(() => {
    if (before.current !== isAsked.value) place.current?.querySelector<HTMLElement>(isAsked.value ? '.note button' : 'input')?.focus()
    before.current = isAsked.value
  }, [isAsked.value])
  const turn = (to: boolean): void => act.run(() => set(to).then(() => (isAsked.value = false)))
  return (
    <div class="stack tight" ref={place}>
      <label class="check">
        <input
          type="checkbox" role="switch" checked={on} aria-disabled={held}
          onClick={e => {
            e.preventDefault() // the node decides
            if (held) return
            if (!on && asks) isAsked.value = !isAsked.value
            else turn(!on)
          }}
        />
        <span>
          <b>{children}</b>
          {says && <span class="sub small mute">{says}</span>}
        </span>
      </label>
      {isAsked.value && !on && asks && (
        <Note tone="warn" icon="warn" title={asks.title}>
          <span>{asks.words}</span>
          <span class="line">
            <button class="btn s" type="button" aria-disabled={held} onClick={() => !held && turn(true)}>
              {asks.yes}
            </button>
            <button class="btn s" type="button" onClick={() => (isAsked.value = false)}>
              Leave it off
            </button>
          </span>
        </Note>
      )}
      <Trouble act={act} title="Nothing was changed" />
    </div>
  )
}
