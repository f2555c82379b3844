// Inviting another node: for whom, for how long, and then the link, as text and as a code that a telephone or the other
// computer reads. Open invitations can be shown again and taken back.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { nodeNow } from '../clock'
import type { OpenInvitation } from '../contract-peers'
import { clockTime, count, day, reason, sentence } from '../format'
import { Icon } from '../icons'
import { invitePeer, peers, revoke } from '../peers'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { Card, Field, Pick } from './Card'
import { CopyText } from './Copy'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Note } from './Notes'
import { Qr } from './Qr'
import { Left } from './Time'

const HOURS = [['1', 'One hour'], ['24', 'One day'], ['168', 'A week'], ['720', '30 days']] as const

interface Shown {
  label: string
  link: string
  expires_s: number
  warnings: string[]
}

function Link({ of, children }: { of: Shown; children?: ComponentChildren }) {
  const who = plainLine(of.label)
  return (
    <>
      {of.warnings.map(w => (
        <Note key={w} tone="warn" icon="warn" title={sentence(reason(plainLine(w, 300)) ?? '')}>
          {/listens nowhere/.test(w) && (
            <span class="line">
              <a class="btn s" href="#/reach">
                How others reach you
              </a>
            </span>
          )}
        </Note>
      ))}
      <Qr text={of.link} label={`QR code of the invitation${who ? ` for ${who}` : ''}`} />
      <code class="raw">{of.link}</code>
      <p class="small mute">
        Give it to one person only, by a way that you trust: whoever has it first becomes your peer. It names your node, its key and its addresses, and is good once, until {day(of.expires_s * 1000)}, {clockTime(of.expires_s * 1000)}.
      </p>
      <span class="line">
        <CopyText value={of.link} what="the invitation" />
        {children}
      </span>
    </>
  )
}

function Open({ of }: { of: OpenInvitation }) {
  const act = useAct()
  const isShown = useSignal(false)
  const name = plainLine(of.label) || 'Somebody'
  const held = act.isBusy || mood.value === 'lost'
  return (
    <li class="over">
      <span class="glyph">
        <Icon name="key" />
      </span>
      <div>
        <b class="host">
          <bdi>{name}</bdi>
        </b>
        <span class="sub">
          not used yet, <Left until={of.expires_s * 1000} /> left
        </span>
      </div>
      <span class="line acts">
        <button class="btn s" type="button" aria-expanded={isShown.value} onClick={() => (isShown.value = !isShown.value)}>
          {isShown.value ? 'Hide' : 'Show'}
          <span class="sr"> the invitation for {name}</span>
        </button>
        <button class="btn s danger" type="button" aria-disabled={held} onClick={() => !held && act.run(() => revoke(of.link).then(() => say('Taken back')))}>
          Take back<span class="sr"> the invitation for {name}</span>
        </button>
      </span>
      {(isShown.value || act.error) && (
        <div class="acts stack tight">
          {isShown.value && <Link of={{ ...of, warnings: [] }} />}
          <Trouble act={act} title="It is still open" />
        </div>
      )}
    </li>
  )
}

// An open invitation and the one just made are the same when their secret is: addresses may have changed since.
const secretOf = (link: string): string | null => new URLSearchParams(link.slice(link.indexOf('?') + 1)).get('secret')

function Made({ of, again }: { of: Shown; again(): void }) {
  const isOpen = peers.now.value.value?.invitations.some(i => secretOf(i.link) === secretOf(of.link)) ?? false
  const wasOpen = useRef(false) // in a list; one that was asked for earlier does not have it yet
  if (isOpen) wasOpen.current = true
  const isUsed = wasOpen.current && !isOpen
  const heading = useRef<HTMLParagraphElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const isOver = of.expires_s * 1000 <= nodeNow.value
  const done = (
    <button class="btn s" type="button" onClick={again}>
      Done
    </button>
  )
  return (
    <div class="body stack">
      <p tabIndex={-1} ref={heading}>
        <b>{isOver ? 'This invitation is over. Nobody can use it any more.' : isUsed ? 'This invitation was used: its node is a peer of yours now.' : `An invitation${of.label ? ` for ${plainLine(of.label)}` : ''}`}</b>
      </p>
      {isOver || isUsed ? <span class="line">{done}</span> : <Link of={of}>{done}</Link>}
    </div>
  )
}

export function PeerInvite() {
  const act = useAct()
  const label = useRef<HTMLInputElement>(null)
  const hours = useSignal('24')
  const made = useSignal<Shown | null>(null)
  const open = (peers.now.value.value?.invitations ?? []).filter(i => !made.value || secretOf(i.link) !== secretOf(made.value.link))
  const submit = (): void => {
    const name = label.current?.value.trim() ?? ''
    act.run(async () => (made.value = { label: name, ...(await invitePeer(name, Number(hours.value))) }))
  }
  return (
    <Card id="invite" title="Invite a node" side={open.length > 0 && <span class="small mute">{count(open.length, 'open invitation')}</span>}>
      {made.value ? (
        <Made of={made.value} again={() => (made.value = null)} />
      ) : (
        <form class="body stack" onSubmit={onSubmit(submit)}>
          <Field label="For whom" input={label} max={60}>
            <small>For you alone: your name for that peer. It may stay empty.</small>
          </Field>
          <Pick label="Good for" value={hours.value} of={HOURS} onPick={v => (hours.value = v)} />
          <Trouble act={act} title="No invitation was made" />
          <Go act={act} busy="Asking your node">
            Make an invitation
          </Go>
        </form>
      )}
      {open.length > 0 && (
        <ul class="rows">
          {open.map(i => (
            <Open key={i.link} of={i} />
          ))}
        </ul>
      )}
    </Card>
  )
}
