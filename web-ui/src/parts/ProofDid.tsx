// Who owns a DID, as a file that anybody can check offline.
import { Icon } from '../icons'
import { makeBundle, saveJson } from '../identity'
import { say } from '../say'
import { mood } from '../view'
import { Card } from './Card'
import { Trouble, useAct } from './Form'

export function ProofDid({ did }: { did: string }) {
  const act = useAct()
  const save = (): void =>
    act.run(async () => {
      saveJson(`hearth-owner-${did.slice(-8)}.json`, await makeBundle({ kind: 'did_ethr_owner', did }))
      say('Proof bundle saved')
    })
  return (
    <Card id="owner" title="Prove who owns it">
      <div class="body">
        <p class="small mute">One file with the registry’s word and all that proves it.</p>
        <div class="line">
          <button class="btn s" type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={save}>
            <Icon name="save" />
            {act.isBusy ? 'Gathering the proofs' : 'Save proof bundle'}
          </button>
        </div>
        <Trouble act={act} title="No bundle was made" />
      </div>
    </Card>
  )
}
