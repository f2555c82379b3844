// A proof as it was walked: the verdict with its block, every step in words, and what it does not say.
import type { AsOf, Step, Verdict } from '../contract-identity'
import { group, reason } from '../format'
import { Icon } from '../icons'
import { plain, plainLine } from '../plain'
import { VERDICTS } from './AttestStatus'
import { Note } from './Notes'

// The name of a step, by whether it held; what it found is the node's own sentence under it.
const NAMES: Record<string, [string, string, string]> = {
  form: ['The file is whole', 'The file is not whole', 'form'],
  network: ['It is of this network', 'It is of another network', 'network'],
  committee: ['Your node knows who signed', 'Who signed is not known here', 'light client'],
  finality: ['The sync committee signed that the block is final', 'That the block is final is not shown', 'light client'],
  header: ['The block is the real one', 'The block is another', 'header'],
  state: ['The contract’s storage is part of that block', 'The storage is not of that block', 'storage proof'],
  schema: ['Its schema is on chain', 'Its schema is not there', 'storage proof'],
  attester: ['Who attested is known', 'Who attested cannot be told', 'account proof'],
  claim: ['The claim is what is proven', 'The claim is not what is proven', 'claim'],
  disclosure: ['What was disclosed belongs to it', 'What was disclosed does not belong to it', 'disclosure'],
  now: ['It holds today', 'It does not hold today', 'time'],
  uid: ['The claim is whole', 'The claim was changed', 'claim'],
  domain: ['It was made for this chain', 'It was made for something else', 'domain'],
  signature: ['The attester signed it', 'The attester did not sign it', 'signature'],
  revocation: ['It is not revoked', 'It was revoked', 'storage proof'],
  existence: ['The contract holds it', 'The contract does not hold it', 'storage proof'],
  time: ['Its time is right', 'Its time is not right', 'time'],
  count: ['The votes add up', 'The votes do not add up', 'count'],
  anchor: ['Its block is the one that is final', 'That its block is of the chain is not shown', 'header'],
  chain: ['The chain was asked', 'The chain could not be asked', 'chain']
}
const nameOf = (s: Step): string => {
  const [good, bad] = NAMES[s.step] ?? [plainLine(s.step.replace(/_/g, ' ')), plainLine(s.step.replace(/_/g, ' '))]
  return s.ok === null ? `Not told: ${good.charAt(0).toLowerCase()}${good.slice(1)}` : s.ok ? good : bad
}

export function ProofSteps({ steps }: { steps: Step[] }) {
  return (
    <ol class="path" aria-label="Steps of the proof">
      {steps.map((s, i) => (
        <li key={i} class={s.ok ? 'done' : undefined}>
          <b>
            {!s.ok && <Icon name={s.ok === false ? 'failed' : 'unproven'} />} {nameOf(s)}
          </b>
          <time>{NAMES[s.step]?.[2] ?? ''}</time>
          <span class="sub said">{reason(plain(s.text))}</span>
        </li>
      ))}
    </ol>
  )
}

export function ProofVerdict({ verdict, why, asOf, age, subject }: { verdict: Verdict; why: string | null; asOf: Pick<AsOf, 'number' | 'level'> | null; age?: string | null; subject: string }) {
  const { tone, icon, says, word } = VERDICTS[verdict]
  const at = asOf ? ` as of ${asOf.level === 'finalized' ? 'finalized block' : 'block'} ${group(asOf.number)}${age ? `, ${age} ago` : ''}` : ''
  return (
    <div role="status">
      <Note tone={tone === 'a' ? '' : tone} icon={icon} title={`${verdict === 'unverified' ? word : says}${at}`}>
        <span>
          {subject} {why && reason(plainLine(why, 300))}
          {verdict === 'unverified' && ' Unverified is never valid: do not rely on it.'}
        </span>
      </Note>
    </div>
  )
}

export function NotSaid({ who }: { who: string }) {
  return (
    <Note icon="unproven" title="What this does not say">
      <span>That {who} told the truth, or that it is still so after that block.</span>
    </Note>
  )
}
