// Who may link with the node, who learns its addresses, and how much of the computer peers may use.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { PeerSettings } from '../contract-peers'
import { setPeers } from '../peers'
import { say } from '../say'
import { mood } from '../view'
import { Card, Field } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Note } from './Notes'
import { Switch } from './Switch'

const TELLS: readonly (readonly [string, string, string])[] = [
  ['peers', 'Nodes that yours is linked with', 'They are told over the link, and nobody else.'],
  ['follows', 'Everybody', 'Signed by you and published on your relays, for anybody to read.'],
  ['nobody', 'Nobody', 'Peers reach you only if they were given an invitation, or you call them.']
]

export function ReachTell({ s }: { s: PeerSettings }) {
  const act = useAct()
  const isAsked = useSignal(false)
  const held = act.isBusy || mood.value === 'lost'
  const set = (tell: string): void => act.run(() => setPeers({ tell }).then(() => (isAsked.value = false)))
  return (
    <Card id="tell" title="Who is told your addresses">
      <div class="body stack">
        <fieldset class="choice">
          <legend class="sr">Who is told your addresses</legend>
          {TELLS.map(([value, name, means]) => (
            <label key={value}>
              <input
                type="radio" name="tell" value={value} checked={s.tell === value} aria-disabled={held}
                onClick={e => {
                  e.preventDefault() // the node decides
                  if (held || s.tell === value) return
                  isAsked.value = value === 'follows'
                  if (value !== 'follows') set(value)
                }}
              />
              <span>
                {name}
                <span class="sub small mute">{means}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {isAsked.value && s.tell !== 'follows' && (
          <Note tone="warn" icon="warn" title="Publish where your node is?">
            <span>Anybody can then connect your name with the addresses of your node. If one of them is of your home, so is your home; what was published cannot be called back.</span>
            <span class="line">
              <button class="btn s" type="button" aria-disabled={held} onClick={() => !held && set('follows')}>
                Publish them
              </button>
              <button class="btn s" type="button" onClick={() => (isAsked.value = false)}>
                Leave it
              </button>
            </span>
          </Note>
        )}
        <Trouble act={act} title="Nothing was changed" />
      </div>
    </Card>
  )
}

export function ReachRules({ s }: { s: PeerSettings }) {
  return (
    <Card id="rules" title="Who may link">
      <div class="body stack">
        <Switch on={s.accept_follows} set={on => setPeers({ accept_follows: on })} says="You follow them and they follow you. They need no invitation.">
          People you and who follow each other
        </Switch>
        <Switch
          on={s.is_open} set={on => setPeers({ is_open: on })} says="Strangers use your line and your disk, within the limits here."
          asks={{ title: 'Let in every node that comes?', words: 'Anybody who finds your node can link with it, learn the addresses it tells its peers, and see which people’s posts it carries.', yes: 'Let them in' }}
        >
          Every node
        </Switch>
        <Switch
          on={s.plain_lan} set={on => setPeers({ plain_lan: on })} says="For old devices at home. Links over TLS need no such thing."
          asks={{ title: 'Link without encryption in your own network?', words: 'Every device in that network can read what goes over such a link, except sealed messages.', yes: 'Allow it' }}
        >
          Links without encryption at home
        </Switch>
      </div>
    </Card>
  )
}

const KILO = 1000
const MEGA = 1 << 20

export function ReachShare({ s }: { s: PeerSettings }) {
  const act = useAct()
  const upload = useRef<HTMLInputElement>(null)
  const room = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const [u, r] = [Number(upload.current?.value), Number(room.current?.value)]
    if (![u, r].every(n => Number.isFinite(n) && n >= 0 && n <= 1e8)) return act.fail('Both are numbers, from 0 on.')
    act.run(() => setPeers({ upload_bytes_per_s: Math.round(u * KILO), courier_bytes: Math.round(r * MEGA) }).then(() => say('Kept')))
  }
  return (
    <Card id="share" title="What peers may use">
      <div class="body stack">
        <Switch on={s.serve_chain} set={on => setPeers({ serve_chain: on })} says="Headers, updates and proofs that your node has checked. A peer without a provider can follow the chain by them.">
          Chain data
        </Switch>
        <Switch on={s.serve_blobs} set={on => setPeers({ serve_blobs: on })} says="Pictures and files that are kept here, in pieces, to peers that ask by their hash.">
          Media
        </Switch>
        <Switch on={s.couriers} set={on => setPeers({ couriers: on })} says="Sealed messages for peers of yours that are away. Whose, you choose at each peer.">
          Messages kept for others
        </Switch>
        <form class="stack" onSubmit={onSubmit(submit)}>
          <Field label="Upload for media, kB a second" input={upload} value={String(s.upload_bytes_per_s / KILO)} max={9} inputMode="decimal">
            <small>0 sets no bound.</small>
          </Field>
          <Field label="Room for messages of others, MiB" input={room} value={String(Math.round((s.courier_bytes / MEGA) * 10) / 10)} max={9} inputMode="decimal" />
          <Trouble act={act} title="It was not kept" />
          <span class="line">
            <Go act={act} busy="Keeping" main={false}>
              Keep
            </Go>
          </span>
        </form>
      </div>
    </Card>
  )
}
