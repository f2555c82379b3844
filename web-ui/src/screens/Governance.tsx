// Governance answers: what do my communities vote on, what closes soon, and is anything wrong with them?
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { readAdded, type Com, type Summary } from '../contract-dao'
import { comOf, coms, dao, props } from '../dao'
import { capitalWord, count, group, reason } from '../format'
import { EmptyTile, Tile } from '../icons'
import { plainLine } from '../plain'
import { ADDRESS, goTo } from '../route'
import { Card, Field, Pick } from '../parts/Card'
import { Closing } from '../parts/Closing'
import { By, DaoPage, isRight, nameOfCom, StateBadge, titleOf, Votes, Whom } from '../parts/Dao'
import { Bar } from '../parts/Draw'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { Icon } from '../icons'
import { Left } from '../parts/Time'

function Row({ c }: { c: Com }) {
  const open = c.active ? count(c.active, 'open vote') : c.pending ? `${count(c.pending, 'vote')} to come` : 'No open vote'
  return (
    <li>
      <Tile of={c.address} />
      <div>
        <b>
          <a class="ref" href={`#/community/${c.address}`}>
            {nameOfCom(c)}
          </a>
        </b>
        <span class="sub">
          {open}
          {c.next_close_s && <>, the next closes in <Left until={c.next_close_s * 1000} /></>}. {c.my_power !== null && <>You have <Votes n={c.my_power} c={c} /> {plainLine(c.token_symbol ?? 'votes', 12)}. </>}
          {c.alerts.map(a => plainLine(a.text, 200)).join(' ')} {c.profile === 'none' && reason(plainLine(c.why ?? '', 200))}
        </span>
      </div>
      {c.profile === 'none' ? <span class="badge bad">{c.is_profiling ? 'being proven' : 'not proven'}</span> : <span class="badge">{plainLine(c.kind, 30)}</span>}
    </li>
  )
}

function Add() {
  const act = useAct()
  const address = useRef<HTMLInputElement>(null)
  const label = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const a = address.current?.value.trim() ?? ''
    if (!ADDRESS.test(a)) return act.fail('An address begins with 0x and has 40 digits.')
    act.run(async () => {
      const name = label.current?.value.trim()
      const { community } = await dao('add', { address: a, ...(name && { label: name }) }, readAdded)
      goTo(`#/community/${community.address}`)
    })
  }
  return (
    <Card id="add" title="Follow a community">
      <form class="body stack" onSubmit={onSubmit(submit)}>
        <Field label="Address of its governor" input={address} code max={42} />
        <Field label="Your name for it" input={label} max={64}>
          <small>Left empty, its own name stands.</small>
        </Field>
        <Go act={act} busy="Proving its code" main={false}>
          Follow it
        </Go>
        <Trouble act={act} title="It is not followed" />
      </form>
    </Card>
  )
}

const STATES = ['', 'Active', 'Pending', 'Succeeded', 'Queued', 'Executed', 'Defeated', 'Canceled', 'Expired']

function PropRow({ p, isAlone }: { p: Summary; isAlone: boolean }) {
  const c = comOf(p.community)
  const isOpen = p.state === 'Active' || p.state === 'Pending'
  return (
    <li>
      <div>
        <b>
          <a class="ref" href={`#/proposal/${p.community}.${p.id}`}>{titleOf(p)}</a>
        </b>
        <span class="sub">
          {!isAlone && <>{nameOfCom(c, p.community)}. </>}
          {p.proposer && <>By <Whom a={p.proposer} name={p.proposer_name} />. </>}
          {isOpen && p.end_s !== null && <>Closes in {p.is_estimate && 'about '}<Left until={p.end_s * 1000} />. </>}
          {p.missing ? 'Votes are missing from its count. ' : p.tally && <>For <Votes n={p.tally.for} c={c} />, against <Votes n={p.tally.against} c={c} />{p.tally_proven && isRight() ? '' : ', not counted here yet'}. </>}
          {p.my_vote && 'You voted.'}
        </span>
      </div>
      <span class="line">
        {p.state_provenance === 'unverified' ? <By how="unverified" of="the state" /> : <StateBadge state={p.state} />}
      </span>
    </li>
  )
}

// Of one community, or of all.
export function Proposals({ isAlone = false }: { isAlone?: boolean }) {
  const only = useSignal('')
  const got = props.now.value.value
  if (!got) return null
  const list = got.proposals.filter(p => !only.value || p.state === only.value)
  return (
    <Card id="proposals" title="Proposals" side={<span class="small mute">{group(list.length)}</span>}>
      <div class="body">
        <Pick label="State" value={only.value} of={STATES.map(s => [s, s || 'All'] as const)} onPick={v => (only.value = v)} />
        {got.scanning && (
          <>
            <span class="small mute">{group(got.scanning.done)} of {count(got.scanning.total, 'block')} looked through</span>
            <Bar share={got.scanning.done / Math.max(1, got.scanning.total)} label="Blocks looked through" />
          </>
        )}
        {!got.is_complete && <p class="small mute">There may be others: {plainLine(got.why_incomplete ?? 'not all blocks were looked through', 200)}.</p>}
      </div>
      {list.length ? (
        <ul class="rows sources">
          {list.map(p => (
            <PropRow key={p.community + p.id} p={p} isAlone={isAlone} />
          ))}
        </ul>
      ) : (
        <div class="body">
          <p class="mute">{only.value ? 'None in this state.' : 'None that your node knows of.'}</p>
        </div>
      )}
    </Card>
  )
}

export function Governance() {
  const list = coms.now.value.value?.communities ?? []
  const active = list.reduce((n, c) => n + c.active, 0)
  const lede = list.length ? `${capitalWord(active)} ${active === 1 ? 'vote is' : 'votes are'} open in ${count(list.length, 'community', 'communities')}.` : 'You follow no community yet.'
  return (
    <DaoPage of={coms} tab="Governance" title="What your communities decide" lede={lede} what="the communities">
      <div class="cols">
        <div class="stack">
          <Closing />
          <Card id="communities" title="Communities">
            {list.length ? (
              <ul class="rows links">
                {list.map(c => (
                  <Row key={c.address} c={c} />
                ))}
              </ul>
            ) : (
              <div class="empty">
                <EmptyTile />
                <b>No communities yet</b>
                <p class="mute">A community is a governor contract. Follow one by its address: your node proves what it is and counts every vote itself.</p>
              </div>
            )}
          </Card>
          {list.length > 0 && <Proposals />}
        </div>
        <aside class="stack" aria-label="Follow and create">
          <Add />
          <Card id="make" title="Create a community">
            <div class="body">
              <p class="small mute">Members vote with tokens, or one person one vote. Its treasury obeys its votes alone, not you.</p>
              <a class="btn" href="#/found">
                <Icon name="gov" />
                Begin
              </a>
            </div>
          </Card>
        </aside>
      </div>
    </DaoPage>
  )
}
