// What one can do with an attestation that is kept here: take it along as a proof, a package or a link, share it, forget it.
import { useSignal } from '@preact/signals'
import type { Attestation } from '../contract-identity'
import { Icon } from '../icons'
import { exportIt, forget, linkOf, saveJson, share } from '../identity'
import { socialMe } from '../node'
import { goTo } from '../route'
import { say } from '../say'
import { mood } from '../view'
import { Card } from './Card'
import { CopyText } from './Copy'
import { Trouble, useAct } from './Form'
import { SaveBundle } from './ProofSave'

export function AttestActs({ a }: { a: Attestation }) {
  const act = useAct()
  const url = useSignal<string | null>(null)
  const isSure = useSignal(false)
  const held = act.isBusy || mood.value === 'lost'
  const take = (): void =>
    act.run(async () => {
      const out = await exportIt(a)
      url.value = out.url && linkOf(out.url)
      saveJson(`attestation-${a.uid.slice(2, 10)}.json`, out.package)
      say('Package saved')
    })
  const gone = (): void => {
    if (!isSure.value) {
      isSure.value = true
      return
    }
    act.run(async () => {
      await forget(a)
      say('Forgotten here')
      goTo('#/identity')
    })
  }
  return (
    <Card id="take" title="Take it along">
      <div class="body">
        <SaveBundle a={a} main />
        <p class="small mute">A proof bundle holds the claim and all that proves it. Anybody can check it offline, with “hearth verify FILE” or another node.</p>
        <div class="line">
          {a.kind === 'offchain' ? (
            <button class="btn s" type="button" aria-disabled={held} onClick={take}>
              Save the package
            </button>
          ) : (
            <CopyText value={a.uid} what="the uid" label="Copy the uid" />
          )}
          {url.value && <CopyText value={url.value} what="the link" label="Copy the link" />}
          {a.kind === 'offchain' && socialMe.value?.pubkey && (
            <button class="btn s" type="button" aria-disabled={held} onClick={() => act.run(() => share(a).then(() => say('Shared in your feed')))}>
              <Icon name="feed" />
              Share in your feed
            </button>
          )}
        </div>
        <div class="line">
          <button class={isSure.value ? 'btn s danger' : 'btn s quiet'} type="button" aria-disabled={held} onClick={gone}>
            {isSure.value ? 'Yes, forget it' : 'Forget it here'}
          </button>
          {isSure.value && <span class="small mute">{a.kind === 'offchain' ? a.private ? 'The private fields go with it: nobody can disclose them any more.' : 'If nobody else has the package, it is lost.' : 'It stays on chain.'} This revokes nothing.</span>}
        </div>
        <Trouble act={act} title="It was not done" />
      </div>
    </Card>
  )
}
