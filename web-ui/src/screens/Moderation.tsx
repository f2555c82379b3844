// Moderation answers: what was complained about, whom do I keep out, and who may write here?
import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { block, remove, saveSettings } from '../acts'
import { nodeNow } from '../clock'
import type { Report, Settings } from '../contract-posts'
import { brief, count, group, shortHash, upperFirst } from '../format'
import { EmptyTile, Icon, Tile } from '../icons'
import { socialMe } from '../node'
import { Card, Pick } from '../parts/Card'
import { FeedPage, NotYet, Old } from '../parts/FeedNav'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { nameOfKey } from '../parts/Post'
import { PostText } from '../parts/PostText'
import { plainLine } from '../plain'
import { say } from '../say'
import { moderation, settings } from '../social'
import { mood } from '../view'

function ReportRow({ r }: { r: Report }) {
  const act = useAct()
  const who = r.post?.pubkey ?? r.pubkey
  const held = act.isBusy || mood.value === 'lost'
  const name = who ? nameOfKey(who, r.post?.name ?? null) : 'somebody'
  return (
    <li class="over">
      <span class="glyph bad">
        <Icon name="warn" />
      </span>
      <div class="stack tight acts">
        <b class="name">
          {upperFirst(plainLine(r.type) || 'no reason')}: <bdi>{name}</bdi>
        </b>
        <span class="sub">
          {r.by ? `Reported by ${shortHash(r.by)}` : 'Reported'}
          {r.at !== null && `, ${brief(nodeNow.value - r.at * 1000)} ago`}
          {r.text && <>: “<bdi>{plainLine(r.text, 300)}</bdi>”</>}
        </span>
        {r.post && (
          <div class="quote">
            <PostText p={{ ...r.post, warning: r.post.warning ?? 'reported' }} />
          </div>
        )}
        <span class="line">
          {r.post && (
            <button class="btn s danger" type="button" aria-disabled={held} onClick={() => act.run(() => remove(r.post!.id).then(() => say('Removed from this node')))}>
              Remove the post
            </button>
          )}
          {who && (
            <button class="btn s danger" type="button" aria-disabled={held} onClick={() => act.run(() => block(who, true).then(() => say('Blocked')))}>
              Block<span class="sr"> {name}</span>
            </button>
          )}
        </span>
        <Trouble act={act} title="It was not done" />
      </div>
    </li>
  )
}

function BlockedRow({ who }: { who: string }) {
  const act = useAct()
  return (
    <li>
      <Tile of={who} small />
      <div>
        <a class="by mono" href={`#/author/${who}`}>
          {shortHash(who)}
        </a>
        <Trouble act={act} title="Still blocked" />
      </div>
      <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => block(who, false).then(() => say('Unblocked')))}>
        Unblock<span class="sr"> {shortHash(who)}</span>
      </button>
    </li>
  )
}

const NAMES: Record<string, string> = {
  write: 'Who may write without work', read: 'Who may read', stranger_difficulty: 'Work asked of strangers, bits', events_a_minute: 'Events a minute of one stranger',
  future_max_s: 'Dated ahead at most, seconds', past_max_s: 'Passing events old at most, seconds', author_bytes: 'Space of one author, bytes (0: no bound)', total_bytes: 'Space of all, bytes (0: no bound)'
}
const RANKS = [['stranger', 'Everybody'], ['attested', 'Attested in my circle'], ['friend', 'Whom those I follow follow'], ['followed', 'Whom I follow'], ['owner', 'Only me']] as const

// Whose feeds these are, who may write and read, and which relays are asked.
function Rules({ of }: { of: Settings }) {
  const id = useId()
  const act = useAct()
  const changed = useSignal<Record<string, string | number | boolean>>({})
  const owner = useSignal<string | null>(null)
  const relays = useSignal<string | null>(null)
  const put = (key: string, value: string | number | boolean): unknown => (changed.value = { ...changed.value, [key]: value })
  const keys = socialMe.value?.keys ?? []
  const written = of.relays.map(r => r.url).join('\n')
  const submit = (): void =>
    act.run(async () => {
      const sent = [changed.value, owner.value, relays.value] as const
      const urls = (sent[2] ?? '').split('\n').map(u => u.trim()).filter(Boolean)
      await saveSettings({
        ...(Object.keys(changed.value).length > 0 && { policy: changed.value }),
        ...(owner.value && { owner: owner.value }),
        ...(relays.value !== null && { relays: urls.map(url => of.relays.find(r => r.url === url) ?? { url, read: true, write: true }) })
      })
      // What was changed meanwhile is not kept yet.
      if (changed.peek() === sent[0]) changed.value = {}
      if (owner.peek() === sent[1]) owner.value = null
      if (relays.peek() === sent[2]) relays.value = null
      say('Kept')
    })
  return (
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
      <Trouble act={act} title="Nothing was changed" />
      {(Object.keys(changed.value).length > 0 || owner.value || relays.value !== null) && (
        <Go act={act} busy="Keeping">
          Keep these rules
        </Go>
      )}
    </form>
  )
}

export function Moderation() {
  const got = moderation.now.value
  const { value } = got
  const rules = settings.now.value
  return (
    <FeedPage tab="Moderation" title="Moderation" lede="What you decide here holds on your node, and nowhere else.">
      <Old got={got} again={moderation.again} />
      <NotYet got={got} again={moderation.again} what="the reports" />
      {value && (
        <div class="cols">
          <Card id="reports" title="Reports" side={<span class="small mute">{count(value.reports.length, 'report')}</span>} busy={got.isBusy}>
            {value.reports.length ? (
              <ul class="rows">
                {value.reports.map((r, i) => (
                  <ReportRow key={`${r.post?.id ?? r.pubkey} ${r.by} ${i}`} r={r} />
                ))}
              </ul>
            ) : (
              <div class="empty">
                <EmptyTile />
                <b>Nobody complained</b>
                <p class="mute">Reports that others sign about posts on your node wait here. Nothing is removed by itself.</p>
              </div>
            )}
          </Card>
          <aside class="stack" aria-label="Rules">
            <Card id="blocked" title="Blocked" side={<span class="small mute">{group(value.blocked.length)}</span>}>
              {value.blocked.length ? (
                <ul class="rows">
                  {value.blocked.slice(0, 100).map(who => (
                    <BlockedRow key={who} who={who} />
                  ))}
                </ul>
              ) : (
                <div class="body">
                  <p class="mute">Nobody. Whom you block cannot write to your node at all.</p>
                </div>
              )}
            </Card>
            <Card id="rules" title="Rules of your relay" busy={rules.isBusy}>
              <div class="body">
                {rules.value ? <Rules of={rules.value} /> : <p class="mute">{rules.error ? 'Your node does not tell its rules.' : 'Asking your node.'}</p>}
              </div>
            </Card>
          </aside>
        </div>
      )}
    </FeedPage>
  )
}
