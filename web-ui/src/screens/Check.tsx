// Checking answers: is this true that I was given about a vote, and what can be told of a vote on snapshot.org?
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { coms } from '../dao'
import { askSnapshot, type Found } from '../identity'
import { Card, Field } from '../parts/Card'
import { DaoPage } from '../parts/Dao'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { ProofFound } from '../parts/ProofFound'
import { ProofGive } from '../parts/ProofGive'

// A proposal's id, or a link that ends with it; else the name of a space, or a link that ends with that.
function asked(typed: string): Record<string, string> | null {
  const proposal = /(?:^|\/)(0x[0-9a-fA-F]{64}|Qm\w{44})$/.exec(typed)?.[1]
  const space = /(?:^|[/:])([\w-]+(?:\.[\w-]+)+)$/.exec(typed)?.[1]
  return proposal ? { proposal } : space ? { space } : null
}

function Ask({ onFound }: { onFound(found: Found | null): void }) {
  const act = useAct()
  const field = useRef<HTMLInputElement>(null)
  const isMeant = useSignal(false)
  const ask = (): void => {
    const what = asked(field.current?.value.trim().replace(/\/$/, '') ?? '')
    if (!what) return act.fail('Give a proposal’s id or link, or the name of a space, like lido-snapshot.eth.')
    if (!isMeant.value) return act.fail('Say first that hub.snapshot.org may be asked.')
    onFound(null)
    act.run(async () => onFound(await askSnapshot(what)))
  }
  return (
    <Card id="snapshot" title="A vote on snapshot.org">
      <form class="body" onSubmit={onSubmit(ask)}>
        <Field label="Proposal’s id or link, or a space" input={field} code />
        <label class="check">
          <input type="checkbox" checked={isMeant.value} onChange={e => (isMeant.value = e.currentTarget.checked)} />
          <span>Ask hub.snapshot.org, a server of theirs. It learns your node’s address and what you ask for.</span>
        </label>
        <span>
          <Go act={act} busy="Asking" main={false}>
            Ask and check
          </Go>
        </span>
        <Trouble act={act} title="Nothing could be read" />
      </form>
    </Card>
  )
}

export function Check() {
  const found = useSignal<Found | null>(null)
  const take = (f: Found | null): void => void (found.value = f)
  return (
    <DaoPage of={coms} tab="Check a file" title="Check what you were given" lede="Nothing of it is believed: each step is checked by your own node." what="the communities">
      <div class="cols">
        <div class="stack">
          <ProofGive onFound={take} label="Audit file, signed delegation, or votes of snapshot.org">
            An audit file is checked without a network. A delegation is held against its token, and nothing is sent.
          </ProofGive>
          {found.value && <ProofFound found={found.value} />}
        </div>
        <aside class="stack" aria-label="Snapshot">
          <Ask onFound={take} />
        </aside>
      </div>
    </DaoPage>
  )
}
