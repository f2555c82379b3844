// A proof bundle made and saved: one file that anybody can check without a network.
import type { Attestation } from '../contract-identity'
import { Icon } from '../icons'
import { bundleOf, saveJson } from '../identity'
import { say } from '../say'
import { mood } from '../view'
import { Trouble, useAct } from './Form'

export function SaveBundle({ a, disclosure, main = false }: { a: Attestation; disclosure?: unknown; main?: boolean }) {
  const act = useAct()
  const save = (): void =>
    act.run(async () => {
      saveJson(`hearth-proof-${a.uid.slice(2, 10)}.json`, await bundleOf(a, disclosure))
      say('Proof bundle saved')
    })
  return (
    <>
      <button class={main ? 'btn main' : 'btn s'} type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={save}>
        <Icon name="save" />
        {act.isBusy ? 'Gathering the proofs' : 'Save proof bundle'}
        <span class="sr"> of {a.uid}</span>
      </button>
      <Trouble act={act} title="No bundle was made" />
    </>
  )
}
