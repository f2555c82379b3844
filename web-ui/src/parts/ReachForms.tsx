// Where exactly the node listens, what names lead to it, and where Tor is: for who knows such things; what stands there at
// first works.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { PeerSettings } from '../contract-peers'
import { Icon } from '../icons'
import { setPeers } from '../peers'
import { say } from '../say'
import { Field, Pick } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Note } from './Notes'

// Who learns an address of the node, as it is set.
export function learners(s: PeerSettings): string {
  if (s.tell === 'follows') return 'everybody, since your node publishes its addresses'
  return s.tell === 'nobody' ? 'only those whom you invite' : 'the nodes that yours is linked with, and those whom you invite'
}

const BINDS: readonly (readonly [string, string])[] = [['127.0.0.1', 'This computer only'], ['0.0.0.0', 'All networks, IPv4'], ['::', 'All networks, IPv4 and IPv6']]

export function ReachDoor({ s }: { s: PeerSettings }) {
  const act = useAct()
  const port = useRef<HTMLInputElement>(null)
  const hosts = useRef<HTMLTextAreaElement>(null)
  const bind = useSignal(s.bind)
  const binds = BINDS.some(([b]) => b === s.bind) ? BINDS : [[s.bind, s.bind] as const, ...BINDS]
  const submit = (): void => {
    const n = Number(port.current?.value || '0')
    if (!Number.isInteger(n) || n < 0 || n > 65535) return act.fail('A port is a number from 1 to 65535; 0 takes any that is free.')
    const names = (hosts.current?.value ?? '').split(/[\s,]+/).filter(Boolean)
    act.run(() => setPeers({ port: n, bind: bind.value, hosts: names }).then(() => say('Kept')))
  }
  return (
    <details>
      <summary>
        <Icon name="right" />
        Where the port is, and by which names it is told
      </summary>
      <form class="stack" onSubmit={onSubmit(submit)}>
        <Pick label="Open to" value={bind.value} of={binds} onPick={v => (bind.value = v)} />
        {bind.value !== s.bind && bind.value !== '127.0.0.1' && (
          <Note tone="warn" icon="warn" title="Devices in your networks can reach it then">
            <span>If this computer has addresses that lead to it from the internet, {learners(s)} will know them.</span>
          </Note>
        )}
        <Field label="Port" input={port} value={String(s.port)} max={5} inputMode="numeric">
          <small>0 takes any that is free. Where a router forwards a port, give that one.</small>
        </Field>
        <div class="field">
          <label for="hosts">Names or addresses to tell</label>
          <textarea id="hosts" class="mono" ref={hosts} defaultValue={s.hosts.join('\n')} maxLength={1000} spellcheck={false} autocomplete="off" />
          <small>Each on a line, when you have a name of your own that leads here.</small>
        </div>
        <Trouble act={act} title="It was not kept" />
        <span class="line">
          <Go act={act} busy="Keeping" main={false}>
            Keep
          </Go>
        </span>
      </form>
    </details>
  )
}

export function ReachTor({ s }: { s: PeerSettings }) {
  const act = useAct()
  const control = useRef<HTMLInputElement>(null)
  const socks = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const next = { tor_control: control.current?.value.trim() ?? '', tor_socks: socks.current?.value.trim() ?? '' }
    act.run(() => setPeers(next).then(() => say('Kept')))
  }
  return (
    <details>
      <summary>
        <Icon name="right" />
        Where Tor is
      </summary>
      <form class="stack" onSubmit={onSubmit(submit)}>
        <Field label="Its control port" input={control} value={s.tor_control} max={63} code />
        <Field label="Its SOCKS port" input={socks} value={s.tor_socks} max={63} code />
        <Trouble act={act} title="It was not kept" />
        <span class="line">
          <Go act={act} busy="Keeping" main={false}>
            Keep
          </Go>
        </span>
      </form>
    </details>
  )
}
