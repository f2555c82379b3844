// A poll answers: what is asked, how stands it, do other nodes count the same, and what do I say?
import { useSignal } from '@preact/signals'
import type { Poll } from '../contract-polls'
import { brief, count, decimals, group, percent, shortHash } from '../format'
import { Icon } from '../icons'
import { nodeNow } from '../clock'
import { plainLine } from '../plain'
import { closePoll, countPoll, poll, votePoll } from '../polls'
import { say } from '../say'
import { Card } from '../parts/Card'
import { DaoPage, Do } from '../parts/Dao'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { Note } from '../parts/Notes'
import { GateName, MethodName, PollState } from './Polls'
import { Left } from '../parts/Time'

function weightOf(p: Poll, weight: bigint): string {
  const unit = p.result?.unit ?? 1n
  const n = weight / unit
  return p.gate.kind === 'token' ? decimals(n - (n % 10n ** 14n), 18) : group(n)
}

function Result({ p }: { p: Poll }) {
  const r = p.result
  if (!r) return <p class="mute">It is not counted yet{p.block_why && `: ${plainLine(p.block_why, 200)}`}.</p>
  const sum = r.options.reduce((n, o) => n + o.weight, 0n)
  const isFinal = p.state === 'closed' && !r.unproven
  return (
    <>
      {!isFinal && <Note icon="unproven" title={p.state === 'open' ? 'Answers can still come' : r.unproven ? `${count(r.unproven, 'answer')} could not be proven yet` : 'Its last block is not final yet'}><span>This is no result.</span></Note>}
      <ul class="poll" aria-label="Answers so far">
        {r.options.map((o, i) => (
          <li key={i}>
            <div class="line apart">
              <bdi class="name">{plainLine(o.label, 120)}</bdi>
              <span class="line">
                {isFinal && r.winner === i && <span class="badge ok">first</span>}
                {p.my_ballot?.choice.includes(i) && <span class="badge a">yours</span>}
                <span class="small mute">
                  {weightOf(p, o.weight)}, {percent(o.weight, sum)}
                </span>
              </span>
            </div>
            <progress max={1000} value={sum ? Number((o.weight * 1000n) / sum) : 0} aria-label={`${plainLine(o.label, 120)}, share`} />
          </li>
        ))}
      </ul>
      {r.rounds.length > 1 && (
        <ol class="small" aria-label="Rounds">
          {r.rounds.map((x, i) => (
            <li key={i}>
              Round {i + 1}: {x.weights.map((w, k) => `${plainLine(p.options[k] ?? '', 30)} ${weightOf(p, w)}`).join(', ')}.{x.eliminated !== null && ` ${plainLine(p.options[x.eliminated] ?? '', 30)} goes.`}
            </li>
          ))}
        </ol>
      )}
      <p class="small mute">
        {count(r.counted, 'answer')} counted. {r.replaced > 0 && `${group(r.replaced)} replaced by a newer one. `}{r.late > 0 && `${group(r.late)} too late. `}{r.refused_count > 0 && `${group(r.refused_count)} of who may not vote. `}{p.source && `Asked ${count(p.source.asked, 'relay')}, ${group(p.source.answered)} answered. `}{(!p.is_complete || p.source?.is_cut) && 'There may be more.'}
      </p>
    </>
  )
}

function Roots({ p }: { p: Poll }) {
  const others = p.roots.filter(r => !r.same).length
  return (
    <Card id="roots" title="Do others count the same?" side={p.roots.length > 0 && <span class={others ? 'badge warn' : 'badge ok'}>{others ? `${others} differ` : 'all the same'}</span>}>
      <div class="body">
        {p.result && <p class="small">Your node’s count <code>{shortHash(p.result.root)}</code></p>}
        {p.roots.length ? (
          <ul>
            {p.roots.map((r, i) => (
              <li key={i} class="small">
                <Icon name={r.same ? 'check' : 'warn'} /> {r.is_mine ? 'You' : plainLine(r.name ?? '') || shortHash(r.author ?? 'a node')}: <code>{shortHash(r.root)}</code> <span class="mute">{r.same ? 'the same' : 'another'}, {brief(nodeNow.value - r.at_s * 1000)} ago</span>
              </li>
            ))}
          </ul>
        ) : (
          <p class="small mute">Nodes publish what they counted once it is closed. None has yet.</p>
        )}
        <Do failed="It was not counted" run={() => countPoll(p.id)}>
          Count again
        </Do>
        {p.state === 'closed' && (
          <Do failed="It was not published" run={async () => { await closePoll(p.id); say('Published') }}>
            Publish your count
          </Do>
        )}
      </div>
    </Card>
  )
}

function Vote({ p }: { p: Poll }) {
  const act = useAct()
  const picked = useSignal<number[]>(p.my_ballot?.choice ?? [])
  const shares = useSignal<number[]>(p.my_ballot?.shares ?? p.options.map(() => 0))
  const isOne = p.method === 'single'
  const isOrder = p.method === 'ranked'
  const list = picked.value
  const toggle = (i: number): void => void (picked.value = isOne ? [i] : list.includes(i) ? list.filter(x => x !== i) : [...list, i])
  const submit = (): void => {
    const isShares = p.method === 'weighted'
    if (isShares ? shares.value.every(s => !s) : !list.length) return act.fail('Choose first.')
    act.run(async () => {
      const cast = await votePoll({ id: p.id, ...(isShares ? { shares: shares.value } : { choice: list }) })
      say(cast.standing === 'counts' ? 'Your answer counts' : 'Published, not proven yet')
    })
  }
  return (
    <Card id="vote" title="Your answer" side={<span class="small mute">{MethodName[p.method] ?? p.method}</span>}>
      <form class="body" onSubmit={onSubmit(submit)}>
        {p.my_ballot && <p class="small">You answered, and it {p.my_ballot.standing === 'counts' ? 'counts' : `does not count${p.my_ballot.why ? ` (${plainLine(p.my_ballot.why, 60)})` : ' yet'}`}. A newer answer replaces it.</p>}
        <fieldset class="choice">
          <legend class="sr">Answers</legend>
          {p.options.map((o, i) =>
            p.method === 'weighted' ? (
              <label key={i}>
                <bdi class="name grow">{plainLine(o, 120)}</bdi>
                <input class="num share" type="number" min={0} max={1000000} value={shares.value[i] ?? 0} onInput={e => (shares.value = shares.value.map((s, k) => (k === i ? Math.max(0, Math.floor(e.currentTarget.valueAsNumber) || 0) : s)))} />
              </label>
            ) : (
              <label key={i}>
                <input type={isOne ? 'radio' : 'checkbox'} name="answer" checked={list.includes(i)} onChange={() => toggle(i)} />
                <bdi class="name">{plainLine(o, 120)}</bdi>
                {isOrder && list.includes(i) && <span class="end small">{list.indexOf(i) + 1}.</span>}
              </label>
            )
          )}
        </fieldset>
        {isOrder && <p class="small mute">In the order in which you tick them.</p>}
        <Go act={act} busy="Publishing" wide>
          Sign and publish
        </Go>
        <Trouble act={act} title="Your answer was not published" />
        <p class="small mute">Public, signed with your Nostr key. The newest one that is in time counts.</p>
      </form>
    </Card>
  )
}

export function PollScreen() {
  const p = poll.now.value.value
  return (
    <DaoPage of={poll} tab="Poll" title={p ? plainLine(p.question, 300) : 'A poll'} what="the poll" lede={p && <>Asked by <a href={`#/author/${p.author}`}>{p.is_mine ? 'you' : plainLine(p.author_name ?? '') || shortHash(p.author)}</a>. {GateName[p.gate.kind] ?? p.gate.kind}. {p.state === 'open' && p.closes_s > 0 && <>Ends in about <Left until={p.closes_s * 1000} />.</>}</>}>
      {p && (
        <div class="cols">
          <div class="stack">
            <Card id="result" title={p.state === 'closed' ? 'The count' : 'So far'} side={<PollState p={p} />}>
              <div class="body">
                <Result p={p} />
              </div>
            </Card>
          </div>
          <aside class="stack" aria-label="Your answer and other counts">
            {p.state === 'open' && <Vote p={p} />}
            <Roots p={p} />
          </aside>
        </div>
      )}
    </DaoPage>
  )
}
