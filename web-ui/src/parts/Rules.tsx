// The rules of the owner's relay: whose feeds these are, who may write and read, which relays are asked, how much is
// kept and for how long.
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { saveSettings } from '../acts'
import type { Retention, Settings } from '../contract-posts'
import { shortHash, upperFirst } from '../format'
import { socialMe } from '../node'
import { plainLine } from '../plain'
import { say } from '../say'
import { Announce } from './Announce'
import { Pick } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

const NAMES: Record<string, string> = {
  write: 'Who may write without work', read: 'Who may read', stranger_difficulty: 'Work asked of strangers, bits', events_a_minute: 'Events a minute of one stranger',
  media_bytes: 'Space of all media, bytes (0: no bound)', media_key_bytes: 'Space of one key’s media, bytes (0: no bound)',
  future_max_s: 'Dated ahead at most, seconds', past_max_s: 'Passing events old at most, seconds', author_bytes: 'Space of one author, bytes (0: no bound)', total_bytes: 'Space of all, bytes (0: no bound)'
}
const RANKS = [['stranger', 'Everybody'], ['attested', 'Attested in my circle'], ['friend', 'Whom those I follow follow'], ['followed', 'Whom I follow'], ['owner', 'Only me']] as const

const whole = (typed: string): number => Math.min(36_500, Math.max(0, Math.floor(Number(typed)) || 0))
// "7 30": posts of kind 7 stay 30 days. What is no such line is left out.
const kindsOf = (typed: string): Retention['kinds'] =>
  typed.split('\n').flatMap(line => {
    const [, kind, days] = /^\s*(\d{1,5})\s*:?\s+(\d{1,5})\s*$/.exec(line) ?? []
    return kind && days ? [{ kind: Number(kind), days: Number(days) }] : []
  })

// How long what others wrote stays; the owner's own stays for ever.
function Stays({ of, put }: { of: Retention; put(next: Retention): void }) {
  const id = useId()
  const typed = useSignal(of.kinds.map(k => `${k.kind} ${k.days}`).join('\n'))
  return (
    <fieldset class="stack tight">
      <legend class="kind">How long posts stay</legend>
      <p class="small mute">In days; 0 is for ever. What you wrote, and the lists and profiles of those you follow, always stay.</p>
      <label class="field">
        <span>Of strangers</span>
        <input value={String(of.days)} inputMode="numeric" autocomplete="off" onInput={e => put({ ...of, days: whole(e.currentTarget.value) })} />
      </label>
      <label class="field">
        <span>Of those you follow</span>
        <input value={String(of.followed_days)} inputMode="numeric" autocomplete="off" onInput={e => put({ ...of, followed_days: whole(e.currentTarget.value) })} />
      </label>
      <div class="field">
        <label for={id}>Of single kinds: the kind and its days, each on a line</label>
        <textarea
          id={id} class="mono small" spellcheck={false} value={typed.value}
          onInput={e => {
            typed.value = e.currentTarget.value
            put({ ...of, kinds: kindsOf(typed.value) })
          }}
        />
      </div>
    </fieldset>
  )
}

// Whose feeds these are, who may write and read, and which relays are asked.
export function Rules({ of }: { of: Settings }) {
  const id = useId()
  const act = useAct()
  const changed = useSignal<Record<string, string | number | boolean>>({})
  const owner = useSignal<string | null>(null)
  const relays = useSignal<string | null>(null)
  const stays = useSignal<Retention | null>(null)
  const put = (key: string, value: string | number | boolean): unknown => (changed.value = { ...changed.value, [key]: value })
  const keys = socialMe.value?.keys ?? []
  const written = of.relays.map(r => r.url).join('\n')
  const submit = (): void =>
    act.run(async () => {
      const sent = [changed.value, owner.value, relays.value, stays.value] as const
      const urls = (sent[2] ?? '').split('\n').map(u => u.trim()).filter(Boolean)
      await saveSettings({
        ...(Object.keys(changed.value).length > 0 && { policy: changed.value }),
        ...(owner.value && { owner: owner.value }),
        ...(relays.value !== null && { relays: urls.map(url => of.relays.find(r => r.url === url) ?? { url, read: true, write: true }) }),
        ...(sent[3] && { retention: sent[3] })
      })
      // What was changed meanwhile is not kept yet.
      if (changed.peek() === sent[0]) changed.value = {}
      if (owner.peek() === sent[1]) owner.value = null
      if (relays.peek() === sent[2]) relays.value = null
      if (stays.peek() === sent[3]) stays.value = null
      say('Kept')
    })
  return (
    <div class="stack">
      <form class="stack" onSubmit={onSubmit(submit)}>
        {keys.length > 0 && (
          <Pick label="You are" value={owner.value ?? of.owner ?? keys[0]?.pubkey ?? ''} of={keys.map(k => [k.pubkey, `${plainLine(k.label)} ${shortHash(k.npub || k.pubkey)}`] as const)} onPick={v => (owner.value = v)} />
        )}
        <div class="field">
          <label for={id}>Your relays, each on a line</label>
          <textarea id={id} class="mono small" spellcheck={false} value={relays.value ?? written} onInput={e => (relays.value = e.currentTarget.value)} />
        </div>
        {Object.entries(of.policy).map(([key, value]) => {
          const name = NAMES[key] ?? upperFirst(plainLine(key.replace(/_/g, ' ')))
          const now = changed.value[key] ?? value
          if ((key === 'write' || key === 'read') && RANKS.some(([r]) => r === value)) return <Pick key={key} label={name} value={String(now)} of={RANKS} onPick={v => put(key, v)} />
          if (typeof value === 'boolean') {
            return (
              <label key={key} class="check">
                <input type="checkbox" checked={now === true} onChange={e => put(key, e.currentTarget.checked)} />
                {name}
              </label>
            )
          }
          return (
            <label key={key} class="field">
              <span>{name}</span>
              <input value={String(now)} inputMode={typeof value === 'number' ? 'numeric' : undefined} autocomplete="off" onInput={e => put(key, typeof value === 'number' ? Number(e.currentTarget.value) || 0 : e.currentTarget.value)} />
            </label>
          )
        })}
        {of.retention && <Stays of={stays.value ?? of.retention} put={next => (stays.value = next)} />}
        <Trouble act={act} title="Nothing was changed" />
        {(Object.keys(changed.value).length > 0 || owner.value || relays.value !== null || stays.value) && (
          <Go act={act} busy="Keeping">
            Keep these rules
          </Go>
        )}
      </form>
      {relays.value === null && <Announce relays={of.relays.length} />}
    </div>
  )
}
