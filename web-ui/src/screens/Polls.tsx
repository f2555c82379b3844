// Polls answer: what are people asked, and what do I want to ask? They bind nobody and cost nothing.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { PollRow } from '../contract-polls'
import { count, shortHash } from '../format'
import { EmptyTile } from '../icons'
import { plainLine } from '../plain'
import { makePoll, polls } from '../polls'
import { ADDRESS, goTo, HASH } from '../route'
import { Card, Field, Pick } from '../parts/Card'
import { DaoPage } from '../parts/Dao'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { Left } from '../parts/Time'

const METHODS = [['single', 'One choice'], ['approval', 'Any number of choices'], ['ranked', 'Choices in order of preference'], ['weighted', 'Shares of one’s weight']] as const
const GATES = [['open', 'Any key, one vote each'], ['token', 'Holders of a votes token, by weight'], ['attestation', 'Who has an attestation, one vote each']] as const
const STATE: Record<string, [string, string]> = { open: ['a', 'open'], ended: ['', 'ended, not final'], closed: ['ok', 'closed'], other_chain: ['', 'another network'] }
export const MethodName = Object.fromEntries(METHODS) as Record<string, string>
export const GateName = Object.fromEntries(GATES) as Record<string, string>

export function PollState({ p }: { p: PollRow }) {
  const [tone, word] = STATE[p.state] ?? ['', p.state]
  return <span class={`badge ${tone}`}>{word}</span>
}

function Make() {
  const act = useAct()
  const method = useSignal('single')
  const gate = useSignal('open')
  const question = useRef<HTMLInputElement>(null)
  const options = useRef<HTMLTextAreaElement>(null)
  const hours = useRef<HTMLInputElement>(null)
  const contract = useRef<HTMLInputElement>(null)
  const attesters = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const list = (options.current?.value ?? '').split('\n').map(o => o.trim()).filter(Boolean)
    const of = contract.current?.value.trim() ?? ''
    const who = (attesters.current?.value ?? '').split(/[\s,;]+/).filter(Boolean)
    const n = Number(hours.current?.value)
    if (!question.current?.value.trim()) return act.fail('Write the question first.')
    if (list.length < 2) return act.fail('Give at least two answers, one on each line.')
    if (!Number.isInteger(n) || n < 1) return act.fail('It runs for whole hours.')
    if (gate.value === 'token' && !ADDRESS.test(of)) return act.fail('The token’s address begins with 0x and has 40 digits.')
    if (gate.value === 'attestation' && (!HASH.test(of) || !who.length || !who.every(a => ADDRESS.test(a)))) return act.fail('Name the schema (0x and 64 digits) and who attests, by address.')
    act.run(async () => {
      const made = await makePoll({
        question: question.current!.value.trim(), options: list, method: method.value, hours: n,
        gate: { kind: gate.value, ...(gate.value === 'token' && { contract: of }), ...(gate.value === 'attestation' && { schema: of, attesters: who }) }
      })
      goTo(`#/poll/${made.id}`)
    })
  }
  return (
    <Card id="make" title="Ask something">
      <form class="body stack" onSubmit={onSubmit(submit)}>
        <Field label="Question" input={question} max={500} />
        <div class="field">
          <label for="answers">Answers</label>
          <textarea id="answers" ref={options} maxLength={4000} />
          <small>One on each line.</small>
        </div>
        <Pick label="How one votes" value={method.value} of={METHODS} onPick={v => (method.value = v)} />
        <Pick label="Who votes" value={gate.value} of={GATES} onPick={v => (gate.value = v)} />
        {gate.value !== 'open' && (
          <Field key={gate.value} label={gate.value === 'token' ? 'Address of the token' : 'Schema'} input={contract} code>
            <small>{gate.value === 'token' ? 'Weights are as of the newest final block.' : 'One person, one vote.'}</small>
          </Field>
        )}
        {gate.value === 'attestation' && <Field label="Who attests" input={attesters} code />}
        <Field label="Hours it runs" input={hours} value="72" inputMode="numeric" />
        <Go act={act} busy="Publishing" main={false}>
          Ask
        </Go>
        <Trouble act={act} title="It was not asked" />
      </form>
    </Card>
  )
}

export function Polls() {
  const list = polls.now.value.value?.polls ?? []
  return (
    <DaoPage of={polls} tab="Polls" title="What people are asked" lede="Signed answers, counted alike by every node. A poll binds nobody and costs nothing." what="the polls">
      <div class="cols">
        <Card id="polls" title="Polls" side={<span class="small mute">{count(list.length, 'poll')}</span>}>
          {list.length ? (
            <ul class="rows sources">
              {list.map(p => (
                <li key={p.id}>
                  <div>
                    <b>
                      <a class="ref" href={`#/poll/${p.id}`}>{plainLine(p.question, 200)}</a>
                    </b>
                    <span class="sub">
                      By {p.is_mine ? 'you' : plainLine(p.author_name ?? '') || shortHash(p.author)}. {GateName[p.gate.kind] ?? ''}. {p.state === 'open' && p.closes_s > 0 && <>Ends in about <Left until={p.closes_s * 1000} />.</>}
                    </span>
                  </div>
                  <PollState p={p} />
                </li>
              ))}
            </ul>
          ) : (
            <div class="empty">
              <EmptyTile />
              <b>No polls yet</b>
              <p class="mute">Polls come from the relays and peers that your node reads. Ask something yourself.</p>
            </div>
          )}
        </Card>
        <aside class="stack" aria-label="Ask something">
          <Make />
        </aside>
      </div>
    </DaoPage>
  )
}
