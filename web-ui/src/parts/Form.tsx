// Forms of the wallet: a field for a secret that no browser keeps, the button that acts, and what came of it.
import { useSignal } from '@preact/signals'
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { mood } from '../view'
import { RpcError } from '../rpc'
import { utf8, type Bytes } from '../seal'
import { troubleOf } from '../trouble'
import { asRpcError } from '../wallet'
import { CopyCode } from './Copy'
import { Note } from './Notes'

export type SecretRef = RefObject<HTMLInputElement | null>

// The field is emptied as its text is taken; the caller wipes the bytes (seal does).
export function takeSecret(ref: SecretRef): Bytes {
  const bytes = utf8(ref.current?.value ?? '')
  if (ref.current) ref.current.value = ''
  return bytes
}

interface SecretProps {
  label: string
  input: SecretRef
  fresh?: boolean // a secret being made, not one being asked for
  optional?: boolean
  hint?: ComponentChildren
  onLength?: (length: number) => void
}

// The input is of type password for as long as it lives, so that nothing of it is kept when the browser
// restores its windows; what is shown stands beside it.
export function SecretField({ label, input, fresh = false, optional = false, hint, onLength }: SecretProps) {
  const id = useId()
  const isShown = useSignal(false)
  const clear = useRef<HTMLElement>(null)
  const mirror = (): void => {
    if (clear.current) clear.current.textContent = input.current?.value || 'nothing typed yet'
  }
  useEffect(mirror, [isShown.value])
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="join">
        <input
          id={id} ref={input} type="password" required={!optional} autocomplete={fresh ? 'new-password' : 'one-time-code'} autocapitalize="off"
          spellcheck={false} aria-describedby={hint ? `${id}-h` : undefined}
          onInput={e => {
            mirror()
            onLength?.(e.currentTarget.value.length)
          }}
        />
        <button class="btn" type="button" aria-pressed={isShown.value} onClick={() => (isShown.value = !isShown.value)}>
          {isShown.value ? 'Hide' : 'Show'}
          <span class="sr"> {label}</span>
        </button>
      </div>
      {isShown.value && <code class="raw" ref={clear} />}
      {hint && <small id={`${id}-h`}>{hint}</small>}
    </div>
  )
}

export interface Act {
  isBusy: boolean
  error: RpcError | null
  run(what: () => Promise<unknown>): void
  fail(words: string): void
  clear(): void
}

// One act at a time; what it throws stands beside its button.
export function useAct(): Act {
  const busy = useSignal(false)
  const error = useSignal<RpcError | null>(null)
  const isRunning = useRef(false)
  return {
    isBusy: busy.value,
    error: error.value,
    run(what) {
      if (isRunning.current || mood.peek() === 'lost') return
      isRunning.current = true
      busy.value = true
      error.value = null
      what()
        .catch((thrown: unknown) => (error.value = asRpcError(thrown)))
        .finally(() => {
          isRunning.current = false
          busy.value = false
        })
    },
    fail: words => (error.value = new RpcError(words, 'form')),
    clear: () => (error.value = null)
  }
}

export function Trouble({ act, title }: { act: Act; title: string }) {
  const { error } = act
  if (!error) return null
  const isForm = error.code === 'form'
  const isMild = isForm || error.code === 'rejected'
  return (
    <div role="alert">
      <Note tone={isMild ? 'warn' : 'bad'} icon={isMild ? 'warn' : 'failed'} title={error.code === 'rejected' ? 'Rejected' : title}>
        <span>{isForm ? error.message : troubleOf(error)}</span>
        {!isForm && (
          <span class="line">
            <CopyCode code={error.code} />
          </span>
        )}
      </Note>
    </div>
  )
}

// A button that stays in the order of Tab while it works.
export function Go({ act, children, busy, main = true, wide = false }: { act: Act; children: ComponentChildren; busy: string; main?: boolean; wide?: boolean }) {
  const cannot = act.isBusy || mood.value === 'lost'
  return (
    <button class={`btn${main ? ' main' : ''}${wide ? ' wide' : ''}`} type="submit" aria-disabled={cannot}>
      {act.isBusy ? busy : children}
    </button>
  )
}

// The node's policy forbids forms to go anywhere; they are for Enter and for password managers.
export function onSubmit(run: () => void): (event: Event) => void {
  return event => {
    event.preventDefault()
    run()
  }
}
