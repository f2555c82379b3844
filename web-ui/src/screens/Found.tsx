// Creating a community: what its members vote with, its rules with defaults in words, and how far it has come.
import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { coms, comOf, creation, dao, found } from '../dao'
import { reason } from '../format'
import { status } from '../node'
import { plainLine } from '../plain'
import { ADDRESS, goTo, HASH, route } from '../route'
import { parseAmount } from '../units'
import { Card, Field, Pick } from '../parts/Card'
import { DaoPage, Do, useAccount, Whom } from '../parts/Dao'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { TxRef } from '../parts/Ref'

// "0x… 1000" on each line, or "treasury 1000".
function holdersOf(text: string): { address?: string; treasury?: true; amount: string }[] {
  return text.split('\n').map(l => l.trim()).filter(Boolean).map(line => {
    const [who = '', amount = ''] = line.split(/[\s;]+/)
    const units = parseAmount(amount, 18)
    const isOurs = who.toLowerCase() === 'treasury'
    if (units === null || (!isOurs && !ADDRESS.test(who))) throw new Error(`“${plainLine(line, 50)}” is no address with an amount.`)
    return { ...(isOurs ? { treasury: true } : { address: who }), amount: String(units) }
  })
}

type Fields = Record<string, RefObject<HTMLInputElement | null>>
const NAMES = ['name', 'symbol', 'existing', 'schema', 'attesters', 'delay', 'period', 'quorum', 'threshold', 'lock', 'ether'] as const

function Make() {
  const act = useAct()
  const account = useAccount()
  const kind = useSignal('token')
  const clock = useSignal('blocks')
  const holders = useRef<HTMLTextAreaElement>(null)
  const f: Fields = Object.fromEntries(NAMES.map(n => [n, useRef<HTMLInputElement | null>(null)]))
  const typed = (n: (typeof NAMES)[number]): string => f[n]?.current?.value.trim() ?? ''
  const slot = status.value?.network.slot_duration_ms ?? 12_000
  const number = (n: (typeof NAMES)[number], places: number, what: string): bigint => {
    const v = parseAmount(typed(n) || '0', places)
    if (v === null) throw new Error(`${what}: that is no number.`)
    return v
  }
  const ticks = (n: 'delay' | 'period', what: string): number => Math.max(1, Math.round((Number(number(n, 6, what)) / 1e6) * 3_600_000 / (clock.value === 'time' ? 1000 : slot)))
  const params = (): Record<string, unknown> => {
    if (!typed('name')) throw new Error('Give it a name first.')
    const isPeople = kind.value === 'people'
    const attesters = typed('attesters').split(/[\s,;]+/).filter(Boolean)
    if (isPeople && !HASH.test(typed('schema'))) throw new Error('The schema is 0x and 64 digits.')
    if (isPeople && (!attesters.length || !attesters.every(a => ADDRESS.test(a)))) throw new Error('Name at least one attester by address.')
    const wei = number('ether', 18, 'Ether')
    const of = isPeople ? { schema: typed('schema'), attesters } : kind.value === 'existing' ? { existing: typed('existing') } : { token: { name: typed('name'), symbol: typed('symbol') || 'VOTE', holders: holdersOf(holders.current?.value ?? '') } }
    return {
      account: account.address, name: typed('name'), kind: isPeople ? 'people' : 'token', ...of, clock: clock.value, voting_delay: ticks('delay', 'Time before voting'), voting_period: ticks('period', 'Time to vote'),
      quorum_percent: Number(number('quorum', 0, 'Quorum')), threshold: String(number('threshold', isPeople ? 0 : 18, 'Votes to propose')), timelock_delay_s: Math.round((Number(number('lock', 6, 'Waiting time')) / 1e6) * 3600), ...(wei > 0n && { treasury_wei: String(wei) })
    }
  }
  const submit = (): void => {
    let p: Record<string, unknown>
    try {
      p = params()
    } catch (error) {
      return act.fail((error as Error).message)
    }
    act.run(async () => goTo(`#/found/${(await found(p)).id}`))
  }
  const field = (n: (typeof NAMES)[number], label: string, hint: string, value = '', code = false) => (
    <Field key={n} label={label} input={f[n]!} value={value} code={code}>
      <small>{hint}</small>
    </Field>
  )
  return (
    <form class="stack narrow" onSubmit={onSubmit(submit)}>
      <Card id="who" title="Who votes">
        <div class="body">
          {field('name', 'Name', 'At most 31 letters. It stays.')}
          <Pick label="Members vote with" value={kind.value} of={[['token', 'A new token'], ['existing', 'A votes token that exists'], ['people', 'One person, one vote']]} onPick={v => (kind.value = v)} />
          {kind.value === 'token' && (
            <>
              {field('symbol', 'Symbol of the token', 'A few capitals.', 'VOTE')}
              <div class="field">
                <label for="holders">Who gets how many</label>
                <textarea id="holders" ref={holders} class="mono" spellcheck={false} placeholder="0x… 1000" />
                <small>One on each line, an address and an amount. “treasury” as the address keeps some for the community.</small>
              </div>
            </>
          )}
          {kind.value === 'existing' && field('existing', 'Address of the token', 'It must keep past votes (ERC20Votes).', '', true)}
          {kind.value === 'people' && [field('schema', 'Schema of the attestation', 'Whoever has one is a member.', '', true), field('attesters', 'Who attests', 'Addresses. They decide who votes: choose them well. Only the treasury, by a vote, changes them.', '', true)]}
        </div>
      </Card>
      <Card id="rules" title="Its rules">
        <div class="body">
          {field('delay', 'Hours before voting begins', 'Time to read, and to take part in the vote. A day is usual.', '24')}
          {field('period', 'Hours to vote', 'A week is usual.', '168')}
          <Pick label="Its clock counts" value={clock.value} of={[['blocks', 'Blocks'], ['time', 'Seconds']]} onPick={v => (clock.value = v)}>
            <small>{kind.value === 'existing' ? 'As the token counts its past votes, or the hours above are wrong.' : clock.value === 'time' ? 'Hours are kept to the second.' : 'What most others do. Blocks may come slower some day.'}</small>
          </Pick>
          {field('quorum', 'Quorum, in percent of all votes', 'For and Abstain must reach it together, or nothing passes.', '10')}
          {field('threshold', 'Votes to propose', 'Whoever has as many may propose.', '1')}
          {field('lock', 'Hours between passing and running', 'Time to leave, for who disagrees. Two days are usual.', '48')}
          {field('ether', 'Ether for its treasury', 'Yours no more: only a vote spends it.', '0')}
          <p class="small mute">Neither you nor anybody else can change these rules, take from the treasury or cancel what passed. Only a vote can.</p>
        </div>
      </Card>
      {account.pick}
      {account.address && (
        <Go act={act} busy="Waits for your signature">
          Review and create
        </Go>
      )}
      <Trouble act={act} title="Nothing was created" />
    </form>
  )
}

function Made() {
  const made = creation.now.value.value
  if (!made) return null
  const address = made.community
  return (
    <Card id="made" title={plainLine(made.name) || 'Your community'} side={<span class={made.error ? 'badge bad' : made.is_final ? 'badge ok' : 'badge a'}>{made.error ? 'Failed' : made.is_final ? 'Final' : address ? 'Proven' : 'On its way'}</span>} narrow>
      <div class="body" aria-live="polite">
        <ol class="path">
          {made.steps.map((s, i) => (
            <li key={i} class={s.state === 'done' || s.state === 'now' ? s.state : undefined} aria-current={s.state === 'now' ? 'step' : undefined}>
              <b>{s.what}</b>
              <span class="small mute">{s.state === 'failed' ? 'failed' : ''}</span>
              <span class="sub">{s.hash && <TxRef hash={s.hash} />}</span>
            </li>
          ))}
        </ol>
        {made.error && <p>{reason(made.error)}</p>}
        {address && (
          <>
            <dl class="kv">
              <dt>Governor</dt>
              <dd><Whom a={address} /></dd>
              {made.votes && [<dt key="v">Votes</dt>, <dd key="w"><Whom a={made.votes} /></dd>]}
              {made.treasury && [<dt key="t">Treasury</dt>, <dd key="u"><Whom a={made.treasury} /></dd>]}
            </dl>
            <Do tone="main" failed="It is not followed yet" run={async () => { if (!comOf(address)) await dao('add', { address }); goTo(`#/community/${address}`) }}>
              Go there
            </Do>
          </>
        )}
      </div>
    </Card>
  )
}

export function Found() {
  const isMade = route.value.arg !== null
  return (
    <DaoPage of={isMade ? creation : coms} tab="Create a community" title={isMade ? 'Your community is being made' : 'Create a community'} lede={isMade ? 'One transaction makes it all.' : 'Its members decide, by votes that every node can count.'} what={isMade ? 'how far it is' : 'the communities'}>
      {isMade ? <Made /> : <Make />}
    </DaoPage>
  )
}
