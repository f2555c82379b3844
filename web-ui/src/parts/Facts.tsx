// The states of a fact that was asked for: on its way, here, grown old, not there, refused. The screens
// draw only what is there.
import type { ComponentChildren } from 'preact'
import { now } from '../clock'
import type { ReadonlySignal } from '@preact/signals'
import { reason } from '../format'
import { EmptyTile } from '../icons'
import { mood } from '../view'
import { refusalOf, type Refusal } from '../refusals'
import type { RpcError } from '../rpc'
import { CopyCode } from './Copy'
import { Bones, Note } from './Notes'

// Of facts of the chain and of what a module tells, alike.
export interface AnyView {
  now: ReadonlySignal<{ value: unknown; error: RpcError | null; begun: number }>
  again(): void
}

function Again({ again }: { again(): void }) {
  const isCut = mood.value === 'lost'
  return (
    <button class="btn s" type="button" aria-disabled={isCut} onClick={() => !isCut && again()}>
      Ask again
    </button>
  )
}

// `words` in place of those for a fact of the chain, where the thing refused is none.
export function Refused({ error, again, words }: { error: RpcError; again?: () => void; words?: Refusal }) {
  const { title, means, tone } = words ?? refusalOf(error)
  const acts = (
    <span class="line">
      {again && <Again again={again} />}
      <CopyCode code={error.code} />
    </span>
  )
  if (tone === 'none') {
    return (
      <div class="empty">
        <EmptyTile />
        <b>{title}</b>
        <p class="mute">{means}</p>
        {acts}
      </div>
    )
  }
  return (
    <div class="body">
      <Note tone={tone} icon={tone === 'bad' ? 'failed' : 'warn'} title={title}>
        <span>
          {reason(error.message)} {means}
        </span>
        {acts}
      </Note>
    </div>
  )
}

// A card that waits: its shape at once, words when it takes longer.
export function Waiting({ begun, children, rows = 3, label = 'Waiting for proof' }: { begun: number; children: ComponentChildren; rows?: number; label?: string }) {
  const isLong = now.value - begun > 1500
  return (
    <section class="card" aria-busy="true" aria-label={label}>
      {mood.value === 'lost' ? (
        <div class="body">
          <p class="mute">The page asks when it reaches your node again.</p>
        </div>
      ) : (
        <>
          {isLong && (
            <div class="body">
              <p class="mute" role="status">
                {children}
              </p>
            </div>
          )}
          <Bones rows={rows} />
        </>
      )}
    </section>
  )
}

// What is drawn when there is no value; null when there is one.
export function Missing({ fact, what, asking = `Asking the providers for ${what} and its proof.` }: { fact: AnyView; what: string; asking?: string }) {
  const a = fact.now.value
  if (a.value !== null) return null
  if (a.error === null) return <Waiting begun={a.begun}>{asking}</Waiting>
  return (
    <section class="card" aria-label="Not shown">
      <Refused error={a.error} again={() => fact.again()} />
    </section>
  )
}

// Above a value that could not be asked for again: it stays, as old.
export function Aged({ fact }: { fact: AnyView }) {
  const { value, error } = fact.now.value
  if (value === null || error === null) return null
  return (
    <Note tone="warn" icon="stale" title="This has grown old">
      <span>{reason(error.message)} What you see was proven before.</span>
      <span class="line">
        <Again again={() => fact.again()} />
        <CopyCode code={error.code} />
      </span>
    </Note>
  )
}
