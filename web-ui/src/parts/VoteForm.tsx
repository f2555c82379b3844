// The vote: with which account, what, why, and how. What stands against it is said before anything is signed.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { readPower, type Com, type Prop } from '../contract-dao'
import { here, signed } from '../dao'
import { view } from '../got'
import { daoNews } from '../node'
import { plainLine } from '../plain'
import { route } from '../route'
import { say } from '../say'
import { signal } from '@preact/signals'
import { Card } from './Card'
import { By, useAccount, Votes, Warnings } from './Dao'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { canSplit, partsOf, Split, sumOf, type Parts } from './Split'
import { SIDE_NAMES } from './Tally'
import { Left } from './Time'

const GUARDS = ['zero_weight', 'not_active', 'has_voted', 'not_delegated']
const who = signal<{ account: string; at: number } | null>(null)
const power = view('dao.power', readPower, () => (route.value.screen === 'proposal' && here.value && who.value ? { address: here.value.address!, account: who.value.account, at: who.value.at } : null), () => daoNews.value)

function Weight({ c, isBallot }: { c: Com | null; isBallot: boolean }) {
  const { value, error } = power.now.value
  if (error && !value) return <p class="small mute">Your weight could not be proven: {plainLine(error.message, 200)}</p>
  if (!value) return <p class="small mute" role="status">Proving your weight at the snapshot.</p>
  const at = value.votes_at
  return (
    <>
      {at !== null && (
        <p>
          You had <b><Votes n={at} c={c} /> {plainLine(c?.token_symbol ?? 'votes', 12)}</b> at the snapshot. <By how={value.votes_at_provenance || value.provenance} of="your weight" />
        </p>
      )}
      <Warnings of={value.warnings.filter(w => isBallot || !w.code.startsWith('ballot'))} />
    </>
  )
}

function Choice({ name, legend, of, value, onPick }: { name: string; legend: string; of: readonly (readonly [string, string, string?])[]; value: string; onPick(v: string): void }) {
  return (
    <fieldset class="choice">
      <legend class="sr">{legend}</legend>
      {of.map(([v, word, end]) => (
        <label key={v}>
          <input type="radio" name={name} checked={value === v} onChange={() => onPick(v)} />
          {word}
          {end && <span class="end small">{end}</span>}
        </label>
      ))}
    </fieldset>
  )
}

export function VoteForm({ p, c }: { p: Prop; c: Com | null }) {
  const act = useAct()
  const account = useAccount()
  const side = useSignal('')
  const by = useSignal('transaction')
  const parts = useSignal<Parts>({ unit: 'votes', typed: ['', '', ''] })
  const why = useRef<HTMLTextAreaElement>(null)
  const a = account.address
  if (a && (who.peek()?.account !== a || who.peek()?.at !== p.start)) queueMicrotask(() => (who.value = { account: a, at: p.start }))
  const mine = p.my_vote
  const isAble = canSplit(c)
  const at = power.now.value.value?.votes_at ?? null
  const used = mine?.weight ?? 0n
  const left = at === null ? null : at > used ? at - used : 0n
  const isSplit = side.value === 'split'
  // What is wrong with the shares, or the shares.
  const shares = (): string | bigint[] => {
    if (left === null) return 'Your weight is not proven yet, so it cannot be shared out.'
    const list = partsOf(parts.value, left, c?.token_decimals ?? 18)
    if (!list) return 'A share is a number, or nothing.'
    const sum = sumOf(list)
    return !sum ? 'Give a share to one side at least.' : sum > left ? 'The shares are more than you have left.' : list
  }
  const cast = (override: boolean): void => {
    if (!side.value) return act.fail('Choose For, Against or Abstain first.')
    const split = isSplit ? shares() : null
    if (typeof split === 'string') return act.fail(split)
    const reason = why.current?.value.trim()
    act.run(async () => {
      const done = await signed('vote', { address: p.community, id: p.id, account: a, ...(split ? { split: split.map(String) } : { support: Number(side.value) }), by: by.value, ...(reason && { reason }), ...(override && { override }) })
      say(done.hash ? 'Vote sent. It counts once a block holds it.' : 'Ballot published. It counts once somebody has brought it to the chain.')
    })
  }
  return (
    <Card id="vote" title="Your vote" side={p.end_s !== null && <span class="badge a">closes in {p.is_estimate && 'about '}<Left until={p.end_s * 1000} /></span>}>
      <form class="body" onSubmit={onSubmit(() => cast(false))}>
        {mine && <p>You voted <b>{SIDE_NAMES[mine.support] ?? 'in parts'}</b> with <Votes n={mine.weight} c={c} />.{isAble && left ? <> You have <Votes n={left} c={c} /> left.</> : ''}</p>}
        {a && (!mine || (isAble && left !== 0n)) && <Weight c={c} isBallot={by.value === 'ballot'} />}
        {account.pick}
        {a && (
          <>
            <Choice name="side" legend="Choice" value={side.value} onPick={v => (side.value = v)} of={[['1', 'For'], ['0', 'Against'], ['2', 'Abstain'], ...(isAble ? [['split', 'Split', 'some to each'] as const] : [])]} />
            {isSplit && <Split of={parts} left={left} c={c} />}
            <div class="field">
              <label for="why">
                Reason <span class="help">public, optional</span>
              </label>
              <textarea id="why" ref={why} maxLength={8000} />
            </div>
            <Choice name="by" legend="How to send" value={by.value} onPick={v => (by.value = v)} of={[['transaction', 'Send it myself', 'costs a fee'], ['ballot', 'Sign a ballot', 'free, relayed']]} />
            <Go act={act} busy="Waits for your signature" wide>
              Review and sign
            </Go>
            <Trouble act={act} title="You did not vote" />
            {act.error && GUARDS.includes(act.error.code) && (
              <button class="btn danger" type="button" onClick={() => cast(true)}>
                Vote all the same
              </button>
            )}
            <p class="small mute">{by.value === 'ballot' ? 'A signed ballot is public at once: anybody can read how you vote before it counts, and put it on the chain. It cannot be taken back until voting ends or its nonce is used.' : 'Your vote and its reason are public for ever, and count once a block holds them.'}</p>
          </>
        )}
      </form>
    </Card>
  )
}
