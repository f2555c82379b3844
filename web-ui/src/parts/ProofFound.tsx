// What came of verifying: the verdict with its block, what is proven, each step, and keeping it.
import { useSignal } from '@preact/signals'
import { nodeNow } from '../clock'
import type { Attestation, FieldValue, Token } from '../contract-identity'
import { brief } from '../format'
import { Icon } from '../icons'
import { hrefOf, keep, type Found } from '../identity'
import { plainLine } from '../plain'
import { say } from '../say'
import { textOf, wordsOf } from '../schema-text'
import { AttestValues } from './AttestValues'
import { Whose, when } from './AttestStatus'
import { Card } from './Card'
import { Trouble, useAct } from './Form'
import { CountClaim, DelegationFound, SnapshotFound } from './GivenFound'
import { NotSaid, ProofSteps, ProofVerdict } from './ProofSteps'

const KINDS: Record<string, string> = {
  eas_onchain: 'An attestation on chain.', eas_offchain: 'An attestation off chain.', did_ethr_owner: 'Who owns a DID.', storage: 'What a contract has stored.', governance_audit: 'A count of votes.'
}

// Of an attestation: its fields by name, what was disclosed, from whom and to whom.
function flat(claim: object): [string, unknown][] {
  const { attestation: a, schema, fields, disclosed } = claim as Record<string, unknown>
  if (typeof a !== 'object' || a === null) return Object.entries(claim)
  const of = a as Record<string, unknown>
  const rows: [string, unknown][] = []
  for (const f of Array.isArray(fields) ? (fields as { name?: unknown; value?: unknown }[]) : []) rows.push([textOf(f?.name), f?.value])
  if (!Array.isArray(fields) && of.data !== '0x') rows.push(['data', of.data])
  return [...rows, ['disclosed', disclosed], ['from', of.attester], ['about', of.recipient], ['time', of.time], ['expirationTime', of.expirationTime], ['schema', (schema as { text?: unknown } | null)?.text], ['uid', of.uid]]
}

// What a bundle proves, as far as it was proven: flat names and values, deeper ones as text.
function Claim({ claim }: { claim: unknown }) {
  if (typeof claim !== 'object' || claim === null) return null
  const rows = flat(claim).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined || value === null) return []
    if (name === 'disclosed' && Array.isArray(value)) return (value as { name?: unknown; value?: unknown }[]).map(leaf => [`${textOf(leaf?.name)}, disclosed`, leaf?.value])
    if (/time$/i.test(name) && /^\d{1,20}$/.test(String(value))) return [[name, Number(value) ? when(Number(value)) : name === 'time' ? 'none' : 'never']]
    return [[name, value]]
  })
  return (
    <dl class="kv">
      {rows.map(([name, value]) => [
        <dt key={`t${name}`}>{wordsOf(name)}</dt>,
        <dd key={`d${name}`} class={typeof value === 'string' && value.startsWith('0x') ? 'mono small' : undefined}>
          {textOf(value).slice(0, 600)}
        </dd>
      ])}
    </dl>
  )
}

function Keep({ text, a }: { text: string; a: Attestation }) {
  const act = useAct()
  const kept = useSignal<Attestation | null>(null)
  if (kept.value) {
    return (
      <p role="status">
        <Icon name="check" /> Kept. <a href={hrefOf(kept.value)}>Open it</a>
      </p>
    )
  }
  const isMine = a.role !== 'other'
  return (
    <>
      <div class="line">
        <button
          class="btn" type="button" aria-disabled={act.isBusy}
          onClick={() => act.run(async () => {
            kept.value = (await keep(text)).attestation
            say('Kept')
          })}
        >
          <Icon name="in" />
          {act.isBusy ? 'Checking it once more' : 'Keep it here'}
        </button>
        <span class="small mute">{isMine ? 'It is about one of your accounts, or from one.' : 'It is about none of your accounts.'} Your node looks at it again at each finality.</span>
      </div>
      <Trouble act={act} title="It was not kept" />
    </>
  )
}

const told = (values: FieldValue[] | null): string => (values ?? []).map(v => `${wordsOf(v.name)}: ${textOf(v.value)}`).join('; ')

function TokenFound({ token: t }: { token: Token }) {
  const claims = typeof t.claims === 'object' && t.claims !== null ? t.claims : null
  return (
    <Card id="found" title="What came of it" side={<span class="small mute">a signed token</span>}>
      <div class="body">
        <ProofVerdict verdict={t.verdict} why={t.why} asOf={t.as_of} subject={t.issuer ? `From ${plainLine(t.issuer, 120)}.` : ''} />
        {t.holder && (
          <p class="small mute">
            Shown by <span class="host">{plainLine(t.holder, 120)}</span>
            {t.is_bound === true && ', whom it is about'}
            {t.is_bound === false && ', whom it is not about: they may have it from somebody else'}.
          </p>
        )}
        <Claim claim={claims} />
        <ProofSteps steps={t.steps} />
        <NotSaid who="the issuer" />
      </div>
    </Card>
  )
}

export function ProofFound({ found }: { found: Found }) {
  if (found.s === 'token') return <TokenFound token={found.token} />
  if (found.s === 'delegation') return <DelegationFound d={found.d} file={found.file} />
  if (found.s === 'snapshot') return <SnapshotFound s={found.snapshot} />
  if (found.s === 'bundle') {
    const o = found.outcome
    // That its block is final is a step of its own.
    const isOk = (step: string): boolean | null | undefined => o.steps.find(s => s.step === step)?.ok
    const isFinal = isOk('finality') && isOk('anchor') !== false
    const isCount = o.kind === 'governance_audit'
    return (
      <Card id="found" title="What came of it" side={<span class="small mute">{o.network}</span>}>
        <div class="body">
          <ProofVerdict verdict={o.verdict} why={o.why} asOf={o.block && { number: o.block.number, level: isFinal ? 'finalized' : 'latest' }} age={o.age} subject={KINDS[o.kind ?? ''] ?? ''} />
          {o.claim !== null && (isCount ? <CountClaim claim={o.claim} isValid={o.verdict === 'valid'} /> : <Claim claim={o.claim} />)}
          <ProofSteps steps={o.steps} />
          {!isCount && <NotSaid who="whoever attested" />}
        </div>
      </Card>
    )
  }
  const { verified: v, text } = found
  const a = v.attestation
  const age = a?.as_of?.timestamp ? brief(nodeNow.value - a.as_of.timestamp * 1000) : null
  return (
    <Card id="found" title="What came of it">
      <div class="body">
        <ProofVerdict verdict={v.verdict} why={v.why} asOf={a?.as_of ?? null} age={age} subject={a ? plainLine(told(a.values), 200) : ''} />
        {a && (
          <>
            <p>
              <Whose a={a.attester} /> about <Whose a={a.recipient} />, {a.kind === 'onchain' ? 'on chain' : 'off chain'}:
            </p>
            <AttestValues a={a} />
          </>
        )}
        <ProofSteps steps={v.steps} />
        <NotSaid who="the attester" />
        {a && !['invalid', 'not_there'].includes(v.verdict) && <Keep text={text} a={a} />}
      </div>
    </Card>
  )
}
