// Schemas answers: of what kinds are the attestations that were met here, and how do I make a kind of my own?
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Schema } from '../contract-identity'
import { EmptyTile, Icon } from '../icons'
import { contract, registerSchema, schemas } from '../identity'
import { attestNews } from '../node'
import { AttestNav, Hold, isLacking, NoIdentity } from '../parts/AttestNav'
import { schemaWords } from '../parts/AttestPick'
import { Card, Field, Pick } from '../parts/Card'
import { Hash } from '../parts/Copy'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { TxRef } from '../parts/Ref'
import { Title } from '../parts/Title'
import { UnlockCard } from '../parts/Unlock'
import { count } from '../format'
import { plainLine } from '../plain'
import { say } from '../say'
import { lock, shown } from '../wallet'

function Row({ s }: { s: Schema }) {
  return (
    <li>
      <span class="glyph">
        <Icon name="id" />
      </span>
      <div>
        <b class="mono host">{schemaWords(s)}</b>
        <span class="sub">
          {s.fields ? `${count(s.fields.length, 'field')}. ` : `It cannot be read: ${plainLine(s.why ?? 'no reason given', 160)}. `}
          {s.revocable ? 'Revocable.' : 'Not revocable.'} <Hash value={s.uid} what="Schema uid" />
        </span>
      </div>
      {s.fields && (
        <a class="btn s" href={`#/issue/${s.uid}`}>
          Issue<span class="sr"> one of {schemaWords(s)}</span>
        </a>
      )}
    </li>
  )
}

function Met({ list }: { list: Schema[] }) {
  return (
    <Card id="met" title="Met here">
      {list.length ? (
        <ul class="rows">
          {list.map(s => (
            <Row key={s.uid} s={s} />
          ))}
        </ul>
      ) : (
        <div class="empty">
          <EmptyTile />
          <b>No schema yet</b>
          <p class="mute">Each attestation that you get, issue or look up brings its schema along.</p>
        </div>
      )}
    </Card>
  )
}

function Register() {
  const act = useAct()
  const text = useRef<HTMLInputElement>(null)
  const from = useSignal('')
  const canRevoke = useSignal(true)
  const sent = useSignal<{ hash: string; uid: string | null } | null>(null)
  const mine = shown.value.filter(a => a.kind !== 'watch')
  if (lock.value === 'locked') return <UnlockCard />
  const by = from.value || mine[0]?.address
  const submit = (): void => {
    const schema = text.current?.value.trim() ?? ''
    if (!schema || !by) return act.fail(by ? 'A schema names at least one field.' : 'You need an account whose key is here.')
    act.run(async () => {
      sent.value = null
      sent.value = await registerSchema(schema, by, canRevoke.value)
      say('Sent')
    })
  }
  return (
    <Card id="register" title="Register one">
      <form class="body" onSubmit={onSubmit(submit)}>
        <Field label="Fields" input={text} code required max={8192} onInput={act.clear}>
          <small>Type and name, with commas between: bool knows, string how, uint16 since. It costs a fee, is public and stays.</small>
        </Field>
        {mine.length > 1 && <Pick label="By your account" value={by ?? ''} of={mine.map(a => [a.address, a.label || a.address] as const)} onPick={v => (from.value = v)} />}
        <label class="check">
          <input type="checkbox" checked={canRevoke.value} onChange={e => (canRevoke.value = e.currentTarget.checked)} />
          Attestations of it can be revoked
        </label>
        {sent.value && (
          <p role="status">
            Sent: <TxRef hash={sent.value.hash} />. {sent.value.uid && <>Its uid is <Hash value={sent.value.uid} what="Schema uid" />.</>}
          </p>
        )}
        <Trouble act={act} title="It was not registered" />
        <div class="line">
          <Go act={act} busy="Waits for your decision">
            Review and sign
          </Go>
        </div>
      </form>
    </Card>
  )
}

export function IdentitySchemas() {
  const isThere = !isLacking() && attestNews.value !== null
  const c = contract.now.value.value
  return (
    <>
      <Title tab="Schemas" lede={isThere ? 'The fields that an attestation has, agreed on by everybody who uses the same schema.' : null}>
        Schemas
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          <div class="cols">
            <Hold of={schemas} what="the schemas">
              {v => <Met list={v.schemas} />}
            </Hold>
            <aside class="stack" aria-label="Make one">
              <Register />
              {c?.eas && (
                <p class="small mute">
                  Attestation contract <Hash value={c.eas} what="Contract" />
                  {c.version && `, version ${plainLine(c.version)}`}.
                </p>
              )}
            </aside>
          </div>
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
