// Which DID is looked at: one of one's own, or any that is typed.
import { useRef } from 'preact/hooks'
import type { Identity } from '../contract-identity'
import { shortHash } from '../format'
import { goTo } from '../route'
import { nameOf } from '../wallet'
import { Card, Field, Pick } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

export function DidFind({ mine, did }: { mine: Identity[]; did: string | null }) {
  const act = useAct()
  const input = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const typed = input.current?.value.trim() ?? ''
    if (!/^did:[a-z0-9]+:[^\s/]+$/.test(typed)) return act.fail('A DID begins with did:ethr:, did:pkh: or did:key:.')
    goTo(`#/did/${encodeURIComponent(typed)}`)
  }
  return (
    <Card id="find" title="Which DID">
      <form class="body" onSubmit={onSubmit(submit)}>
        {mine.length > 1 && (
          <Pick label="One of yours" value={mine.some(i => i.did === did) ? (did ?? '') : ''} onPick={v => v && goTo(`#/did/${v}`)}
            of={[...(mine.some(i => i.did === did) ? [] : [['', 'None of them'] as const]), ...mine.map(i => [i.did, `${nameOf(i.account) ?? 'Account'}, ${shortHash(i.account)}`] as const)]} />
        )}
        <Field label="Any other" input={input} code onInput={act.clear} />
        <Trouble act={act} title="Not looked up" />
        <div class="line">
          <Go act={act} busy="…" main={false}>
            Look it up
          </Go>
        </div>
      </form>
    </Card>
  )
}
