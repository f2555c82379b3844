// An attestation in a list: as a card, for whom it is about, and as a row, for who gave it.
import type { Attestation } from '../contract-identity'
import { Icon, Tile } from '../icons'
import { hrefOf } from '../identity'
import { AttestBadge, AttestSaid, isVoid, titleOf, Whose } from './AttestStatus'
import { AttestValues } from './AttestValues'
import { SaveBundle } from './ProofSave'

export function AttestCard({ a }: { a: Attestation }) {
  return (
    <li class="card">
      <header>
        <span class="line name">
          <Icon name="id" />
          <b>{titleOf(a)}</b>
        </span>
        <AttestBadge a={a} />
      </header>
      <div class="body">
        <p>
          <Whose a={a.attester} /> {isVoid(a.verdict) ? 'said' : 'says'}, {a.kind === 'onchain' ? 'on chain' : 'off chain'}:
        </p>
        <AttestValues a={a} most={3} />
        <p class="small mute">
          <AttestSaid a={a} />
        </p>
        <div class="line">
          {a.verdict === 'valid' && <SaveBundle a={a} />}
          <a class="btn s quiet" href={hrefOf(a)}>
            Open<span class="sr"> {titleOf(a)}, from {a.attester}</span>
          </a>
        </div>
      </div>
    </li>
  )
}

export function AttestRow({ a }: { a: Attestation }) {
  return (
    <li>
      <Tile of={a.recipient ?? a.uid} />
      <div>
        <b class={isVoid(a.verdict) ? 'lie' : undefined}>
          {titleOf(a)}, for <Whose a={a.recipient} />
        </b>
        <span class="sub">
          {a.kind === 'onchain' ? 'On chain. ' : 'Off chain. '}
          <AttestSaid a={a} /> <AttestBadge a={a} />
        </span>
      </div>
      <a class="btn s" href={hrefOf(a)}>
        Open<span class="sr"> {titleOf(a)}, for {a.recipient ?? 'nobody named'}</span>
      </a>
    </li>
  )
}
