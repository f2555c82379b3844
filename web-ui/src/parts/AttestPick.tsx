// Which schema an attestation is of: one that was met here, or any by its uid.
import { useRef } from 'preact/hooks'
import type { Schema } from '../contract-identity'
import { HASH, goTo } from '../route'
import { plainLine } from '../plain'
import { Card, Field, Pick } from './Card'
import { Go, onSubmit, Trouble, useAct } from './Form'

export const schemaWords = (s: Schema): string => plainLine(s.text ?? '', 90) || `Schema ${s.uid.slice(0, 10)}…`

export function AttestPick({ list, uid }: { list: Schema[]; uid: string | null }) {
  const act = useAct()
  const input = useRef<HTMLInputElement>(null)
  const submit = (): void => {
    const typed = input.current?.value.trim() ?? ''
    if (!HASH.test(typed)) return act.fail('A schema’s uid is 0x and 64 digits.')
    goTo(`#/issue/${typed}`)
  }
  const isListed = list.some(s => s.uid === uid)
  return (
    <Card id="schema" title="Of which schema">
      <form class="body" onSubmit={onSubmit(submit)}>
        {list.length > 0 && (
          <Pick label="Met here" value={isListed ? (uid ?? '') : ''} onPick={v => v && goTo(`#/issue/${v}`)}
            of={[...(isListed ? [] : [['', 'Choose'] as const]), ...list.map(s => [s.uid, schemaWords(s)] as const)]} />
        )}
        <Field label={list.length ? 'Or by its uid' : 'By its uid'} input={input} code max={66} onInput={act.clear} />
        <Trouble act={act} title="Not looked up" />
        <div class="line">
          <Go act={act} busy="…" main={false}>
            Look it up
          </Go>
          <a class="btn s quiet" href="#/schemas">
            Schemas
          </a>
        </div>
      </form>
    </Card>
  )
}
