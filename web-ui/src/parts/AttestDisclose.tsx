// Selective disclosure: only a fingerprint of these fields is in the attestation; who is given a file sees the fields that
// were chosen, with the proof that they belong to it, and nothing of the others.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Attestation } from '../contract-identity'
import { count } from '../format'
import { disclose, saveJson } from '../identity'
import { plainLine } from '../plain'
import { say } from '../say'
import { bundleOf } from '../identity'
import { Card, Field } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

export function AttestDisclose({ a }: { a: Attestation }) {
  const act = useAct()
  const input = useRef<HTMLInputElement>(null)
  const picked = useSignal<readonly string[]>([])
  const withProof = useSignal(true)
  const known = a.leaves
  const put = (name: string, on: boolean): void => {
    picked.value = [...picked.value.filter(n => n !== name), ...(on ? [name] : [])]
  }
  const submit = (): void => {
    const typed = (input.current?.value ?? '').split(',').map(n => n.trim()).filter(Boolean)
    const fields = known.length ? [...picked.value] : typed
    if (!fields.length) return act.fail('Choose at least one field.')
    act.run(async () => {
      const out = await disclose(a, fields)
      const name = `disclosure-${a.uid.slice(2, 10)}.json`
      if (withProof.value) saveJson(name, await bundleOf(a, out.disclosure))
      else saveJson(name, { attester: a.attester, uid: a.uid, package: out.package, disclosure: out.disclosure })
      say(`Saved with ${count(fields.length, 'field')}`)
    })
  }
  return (
    <Card id="disclose" title="Disclose a part" side={<span class="badge">fields are private</span>}>
      <form class="body" onSubmit={onSubmit(submit)}>
        <p class="mute">Choose what the other may see. The file proves that it belongs to this attestation, and does not tell what the other fields say.</p>
        {known.length ? (
          <fieldset class="stack tight">
            <legend>Fields to disclose</legend>
            {known.map(name => (
              <label key={name} class="check">
                <input type="checkbox" checked={picked.value.includes(name)} onChange={e => put(name, e.currentTarget.checked)} />
                {plainLine(name)}
              </label>
            ))}
          </fieldset>
        ) : (
          <Field label="Fields to disclose" input={input} required>
            <small>Their names as you wrote them, with commas between.</small>
          </Field>
        )}
        <label class="check">
          <input type="checkbox" checked={withProof.value} onChange={e => (withProof.value = e.currentTarget.checked)} />
          As a proof bundle, which can be checked offline
        </label>
        <Trouble act={act} title="Nothing was saved" />
        <div class="line">
          <Go act={act} busy="Gathering the proofs">
            Save the disclosure
          </Go>
        </div>
      </form>
    </Card>
  )
}
