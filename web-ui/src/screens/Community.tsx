// A community answers: what are its rules, who has power over it beside the votes, what does it own, whom can I let vote?
import type { ComponentChildren } from 'preact'
import type { Whole, Who } from '../contract-dao'
import { com, comOf, dao, giveTo } from '../dao'
import { count, decimals, ether, group, reason, span } from '../format'
import { Icon } from '../icons'
import { status } from '../node'
import { plainLine } from '../plain'
import { goTo, route } from '../route'
import { People, Rename } from '../parts/Acts'
import { Card } from '../parts/Card'
import { By, DaoPage, Do, nameOfCom, Votes, Warnings, Whom } from '../parts/Dao'
import { Delegate } from '../parts/Delegate'
import { Talk } from '../parts/DaoTalk'
import { Note } from '../parts/Notes'
import { Proposals } from './Governance'

function Row({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Settings({ c }: { c: Whole }) {
  const s = c.settings
  const slot = status.value?.network.slot_duration_ms ?? 12_000
  const time = (n: bigint | null): string => (n === null ? 'not known' : c.clock === 'time' ? span(Number(n) * 1000) : `${count(Number(n), 'block')}, about ${span(Number(n) * slot)}`)
  return (
    <Card id="settings" title="Rules" side={<By how={s ? 'called' : 'unverified'} of="the rules" />}>
      <div class="body">
        <dl class="kv">
          {s && (
            <>
              <Row name="Before voting">{time(s.voting_delay)}</Row>
              <Row name="Voting lasts">{time(s.voting_period)}</Row>
              <Row name="To propose">{s.threshold === null ? 'not known' : <><Votes n={s.threshold} c={c} /> votes</>}</Row>
              <Row name="Quorum now">{s.quorum_now === null ? 'not known' : <><Votes n={s.quorum_now} c={c} /> votes</>}</Row>
            </>
          )}
          <Row name="Governor">{plainLine(c.kind, 40)}, {c.counting} counting, known {c.profile === 'known' ? 'by its code' : c.profile === 'probed' ? 'by proven probing' : 'by proven calls only'}</Row>
          {c.token && <Row name="Votes"><Whom a={c.token} name={c.token_symbol} /></Row>}
          {c.timelock && <Row name="Timelock"><Whom a={c.timelock} /></Row>}
        </dl>
      </div>
    </Card>
  )
}

const Whos = ({ of }: { of: Who[] }) =>
  of.length ? (
    <ul>
      {of.map(w => (
        <li key={w.address + w.as}>
          <Whom a={w.address} name={w.name} /> {w.as && <span class="small mute">{plainLine(w.as, 60)}</span>} {w.by_vote ? <span class="small mute">by a vote only</span> : <span class="badge warn">without a vote</span>}
        </li>
      ))}
    </ul>
  ) : (
    <span class="mute">nobody that was found</span>
  )

function Power({ c }: { c: Whole }) {
  const p = c.power
  if (!p) return <Card id="power" title="Who has power over it"><div class="body"><p class="mute">That could not be proven now.</p></div></Card>
  const isFree = [...p.can_cancel, ...p.can_upgrade, ...p.can_veto].some(w => !w.by_vote)
  return (
    <Card id="power" title="Who has power over it" side={isFree && <span class="badge warn">beside the votes</span>}>
      <div class="body">
        <dl class="kv">
          <Row name="Can cancel"><Whos of={p.can_cancel} /></Row>
          <Row name="Can veto"><Whos of={p.can_veto} /></Row>
          <Row name="Can replace code"><Whos of={p.can_upgrade} /></Row>
          {p.timelock_roles.map(([role, list]) => <Row key={role} name={plainLine(role, 40)}><Whos of={list} /></Row>)}
          <Row name="Anybody executes">{p.executor_open ? 'yes' : 'no'}</Row>
          {p.min_delay_s !== null && <Row name="Least delay">{span(Number(p.min_delay_s) * 1000)}</Row>}
        </dl>
        {p.notes.map(n => <p key={n} class="small mute">{reason(plainLine(n, 300))}</p>)}
      </div>
    </Card>
  )
}

function Treasury({ c }: { c: Whole }) {
  const t = c.treasury
  if (!t) return null
  return (
    <Card id="treasury" title="Treasury" side={<Whom a={t.address} />}>
      <div class="body">
        <dl class="kv ends">
          <Row name="Ether">{t.wei === null ? 'not proven' : <>{ether(t.wei)} <By how="proven" of="the ether" /></>}</Row>
          {t.tokens.map(x => (
            <Row key={x.contract} name={plainLine(x.symbol, 12) || 'A token'}>
              {decimals(x.amount, x.decimals)}
            </Row>
          ))}
        </dl>
      </div>
    </Card>
  )
}

function Delegates({ c }: { c: Whole }) {
  if (!c.delegates.length) return null
  return (
    <Card id="delegates" title="Delegates" side={<span class="small mute">that your node has seen act</span>}>
      <ul class="rows sources">
        {c.delegates.slice(0, 100).map(d => (
          <li key={d.address}>
            <div>
              <Whom a={d.address} name={d.name} />
              <span class="sub"> {d.power !== null && <><Votes n={d.power} c={c} /> votes. </>}{d.statement && plainLine(d.statement, 300)}</span>
            </div>
            <button class="btn s" type="button" onClick={() => (giveTo.value = d.address)}>
              Delegate<span class="sr"> to {plainLine(d.name ?? '') || d.address}</span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  )
}

export function Community() {
  const c = com.now.value.value
  const address = route.value.arg ?? ''
  return (
    <DaoPage of={com} tab="Community" title={nameOfCom(c ?? comOf(address), address)} lede={c && `${group(c.active)} open, ${group(c.pending)} to come.`} what="the community">
      {c && (
        <div class="cols">
          <div class="stack">
            {c.profile === 'none' && <Note tone="bad" icon="failed" title="What this contract is could not be proven"><span>{reason(plainLine(c.why ?? '', 300))} Nothing of it is shown as proven.</span></Note>}
            <Warnings of={c.alerts} />
            <span class="line">
              <a class="btn main" href={`#/propose/${c.address}`}>
                <Icon name="pen" />
                Propose something
              </a>
              {comOf(address) && (
                <Do tone="s quiet" failed="It is still followed" run={async () => { await dao('forget', { address }); goTo('#/governance') }}>
                  Follow it no more
                </Do>
              )}
            </span>
            {comOf(address) && <Rename c={c} />}
            <Proposals isAlone />
            <Power c={c} />
            <Delegates c={c} />
            <Talk address={c.address} id={null} />
          </div>
          <aside class="stack" aria-label="Rules, votes and treasury">
            <Delegate c={c} />
            {c.is_people && <People c={c} />}
            <Settings c={c} />
            <Treasury c={c} />
          </aside>
        </div>
      )}
    </DaoPage>
  )
}
