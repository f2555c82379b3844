// Moderation answers: what was complained about, whom do I keep out, and who may write here?
import { block, remove } from '../acts'
import { nodeNow } from '../clock'
import type { Report } from '../contract-posts'
import { brief, count, group, shortHash, upperFirst } from '../format'
import { EmptyTile, Icon, Tile } from '../icons'
import { Card } from '../parts/Card'
import { FeedPage, NotYet, Old } from '../parts/FeedNav'
import { Trouble, useAct } from '../parts/Form'
import { Muted } from '../parts/Muted'
import { nameOfKey, Quoted } from '../parts/PostHead'
import { Rules } from '../parts/Rules'
import { Stats } from '../parts/Stats'
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
          <Quoted p={{ ...r.post, warning: r.post.warning ?? 'reported' }} />
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

function Reports({ list, busy }: { list: Report[]; busy: boolean }) {
  return (
    <Card id="reports" title="Reports" side={<span class="small mute">{count(list.length, 'report')}</span>} busy={busy}>
      {list.length ? (
        <ul class="rows">
          {list.map((r, i) => (
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
  )
}

function Blocked({ list }: { list: string[] }) {
  return (
    <Card id="blocked" title="Blocked" side={<span class="small mute">{group(list.length)}</span>}>
      {list.length ? (
        <ul class="rows">
          {list.slice(0, 100).map(who => (
            <BlockedRow key={who} who={who} />
          ))}
        </ul>
      ) : (
        <div class="body">
          <p class="mute">Nobody. Whom you block cannot write to your node at all.</p>
        </div>
      )}
    </Card>
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
          <div class="stack">
            <Reports list={value.reports} busy={got.isBusy} />
            <Stats />
          </div>
          <aside class="stack" aria-label="Rules">
            <Muted />
            <Blocked list={value.blocked} />
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
