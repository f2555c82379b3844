// What the owner may do about a peer: call it, forgive it, keep messages for it, name it, ban it, forget it.
import { useSignal } from '@preact/signals'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import type { Peer } from '../contract-peers'
import { nameOfPeer } from '../peer-words'
import { ban, courier, dial, forget, forgive, letIn, relabel } from '../peers'
import { say } from '../say'
import { mood } from '../view'
import { Go, onSubmit, Trouble, useAct, type Act } from './Form'
import { Note } from './Notes'
import { Switch } from './Switch'

interface DoProps {
  act: Act
  name: string // of the peer, for who hears and does not see
  run(): Promise<unknown>
  danger?: boolean
  children: string
}

function Do({ act, name, run, danger, children }: DoProps) {
  const held = act.isBusy || mood.value === 'lost'
  return (
    <button class={danger ? 'btn s danger' : 'btn s'} type="button" aria-disabled={held} onClick={() => !held && act.run(run)}>
      {children}
      <span class="sr"> {name}</span>
    </button>
  )
}

function Rename({ p }: { p: Peer }) {
  const act = useAct()
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  return (
    <form class="field" onSubmit={onSubmit(() => act.run(() => relabel(p.node, input.current?.value.trim() ?? '').then(() => say('Kept'))))}>
      <label for={id}>Your name for it</label>
      <div class="join">
        <input id={id} ref={input} defaultValue={p.label} maxLength={60} autocomplete="off" dir="auto" />
        <Go act={act} busy="Keeping" main={false}>
          Keep
        </Go>
      </div>
      <Trouble act={act} title="It was not kept" />
    </form>
  )
}

// Forgetting cannot be taken back: a link with that node takes a new invitation then.
function Forget({ p, act, name, isAsked, ask }: { p: Peer; act: Act; name: string; isAsked: boolean; ask(on: boolean): void }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (isAsked) place.current?.querySelector('button')?.focus()
  }, [isAsked])
  if (!isAsked) return null
  return (
    <div ref={place}>
      <Note tone="warn" icon="warn" title={`Forget ${name}?`}>
        <span>
          The link ends, and your node knows nothing of it any more: not its name, its faults{p.state === 'banned' ? ', nor that you banned it' : ''}. Linking again takes a new invitation. Posts that came from it stay.
        </span>
        <span class="line">
          <Do act={act} name={name} danger run={() => forget(p.node).then(() => say(`${name} is forgotten`))}>
            Forget
          </Do>
          <button class="btn s" type="button" onClick={() => ask(false)}>
            Keep
          </button>
        </span>
      </Note>
    </div>
  )
}

export function PeerActs({ p }: { p: Peer }) {
  const act = useAct()
  const isAsked = useSignal(false)
  const name = nameOfPeer(p)
  const isBanned = p.state === 'banned'
  const mayCall = p.is_accepted && p.addresses.length > 0 && (p.state === 'waiting' || p.state === 'resting')
  return (
    <div class="stack">
      {p.is_accepted && !isBanned && (
        <Switch on={p.is_courier} set={on => courier(p.node, on)} says="Sealed messages for them wait here while they are away, and yours are left with them. Neither of you can read what is kept; how much is bounded under “How others reach you”.">
          Keep messages for each other
        </Switch>
      )}
      <Rename p={p} />
      <span class="line">
        {!p.is_accepted && !isBanned && <Do act={act} name={name} run={() => letIn(p.node, true).then(() => say(`${name} is let in`))}>Let it in</Do>}
        {mayCall && <Do act={act} name={name} run={() => dial(p.node).then(() => say('Your node calls it'))}>Call it now</Do>}
        {(p.state === 'resting' || p.score < 0) && <Do act={act} name={name} run={() => forgive(p.node).then(() => say('Forgiven'))}>Forgive its faults</Do>}
        {isBanned ? (
          <Do act={act} name={name} run={() => ban(p.node, false).then(() => say(`${name} is allowed again`))}>Allow again</Do>
        ) : (
          <Do act={act} name={name} danger run={() => ban(p.node, true).then(() => say(`${name} is banned`))}>Ban</Do>
        )}
        {!isAsked.value && (
          <button class="btn s danger" type="button" onClick={() => (isAsked.value = true)}>
            Forget…<span class="sr"> {name}</span>
          </button>
        )}
      </span>
      <Forget p={p} act={act} name={name} isAsked={isAsked.value} ask={on => (isAsked.value = on)} />
      <Trouble act={act} title="It was not done" />
    </div>
  )
}
