// The proof of an attestation that is kept here, walked again when its reader wants to see it.
import { useSignal } from '@preact/signals'
import type { Attestation, Verified } from '../contract-identity'
import { exportIt, verify, type Found } from '../identity'
import { Card } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { NotSaid, ProofSteps, ProofVerdict } from './ProofSteps'

export function ProofCheck({ a }: { a: Attestation }) {
  const act = useAct()
  const seen = useSignal<Verified | null>(null)
  const check = (): void =>
    act.run(async () => {
      const text = a.kind === 'onchain' ? a.uid : JSON.stringify((await exportIt(a)).package)
      const found: Found = await verify(text)
      if (found.s === 'attestation') seen.value = found.verified
    })
  const v = seen.value
  return (
    <Card id="proof" title="How that is known">
      <form class="body" onSubmit={onSubmit(check)}>
        {v ? (
          <>
            <ProofVerdict verdict={v.verdict} why={v.why} asOf={v.attestation?.as_of ?? null} subject="" />
            <ProofSteps steps={v.steps} />
            <NotSaid who="the attester" />
          </>
        ) : (
          <p class="mute">Your node proves the attester, the schema and the revocation at each finality. Here you see each step of it, walked anew.</p>
        )}
        <Trouble act={act} title="The proof was not walked" />
        <div class="line">
          <Go act={act} busy="Asking for proofs" main={false}>
            {v ? 'Check again' : 'See the proof'}
          </Go>
        </div>
      </form>
    </Card>
  )
}
