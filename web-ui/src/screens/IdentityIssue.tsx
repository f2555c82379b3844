// Issue answers: what do I attest, about whom, and what will they be able to show?
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Schema } from '../contract-identity'
import { Icon } from '../icons'
import { contract, schemaOf, schemas } from '../identity'
import { attestNews, link } from '../node'
import { AttestForm } from '../parts/AttestForm'
import { AttestNav, Hold, isLacking, NoIdentity } from '../parts/AttestNav'
import { AttestPick } from '../parts/AttestPick'
import { Bytes } from '../parts/Ref'
import { Card } from '../parts/Card'
import { Trouble, useAct } from '../parts/Form'
import { BoneCard, Note } from '../parts/Notes'
import { Title } from '../parts/Title'
import { plainLine } from '../plain'
import { route } from '../route'

// A schema that was never met here is asked for by its uid, and proven.
function useSchema(uid: string | null, list: Schema[] | null): { schema: Schema | null; act: ReturnType<typeof useAct> } {
  const found = useSignal<Schema | null>(null)
  const act = useAct()
  const known = list?.find(s => s.uid === uid) ?? null
  const mustAsk = uid !== null && list !== null && !known && found.value?.uid !== uid && link.value.s === 'open'
  useEffect(() => {
    if (mustAsk && uid) act.run(async () => (found.value = await schemaOf(uid)))
  }, [mustAsk, uid])
  return { schema: known ?? (found.value?.uid === uid ? found.value : null), act }
}

function About({ schema }: { schema: Schema }) {
  const isNone = !schema.resolver || /^0x0*$/.test(schema.resolver)
  return (
    <Card id="about" title="The schema">
      <div class="body">
        {schema.text ? <code class="raw">{plainLine(schema.text, 8192)}</code> : <p class="mute">It has no text.</p>}
        <dl class="kv">
          <dt>Revocable</dt>
          <dd>{schema.revocable ? 'yes' : 'no'}</dd>
          <dt>Resolver</dt>
          <dd>{isNone ? 'none' : 'a contract that may refuse, or take a fee'}</dd>
        </dl>
        <Bytes hex={schema.uid} what="Schema uid" />
      </div>
    </Card>
  )
}

function Screen({ list }: { list: Schema[] }) {
  const uid = route.value.arg
  const { schema, act } = useSchema(uid, list)
  return (
    <div class="cols">
      <div class="stack">
        {!uid && (
          <Card id="first" title="First choose a schema">
            <div class="body">
              <p class="mute">A schema says which fields an attestation has. Choose one under “Of which schema”, or make your own under Schemas.</p>
            </div>
          </Card>
        )}
        {uid && !schema && (act.error ? <Trouble act={act} title="The schema cannot be shown" /> : <BoneCard rows={3} />)}
        {schema && !schema.fields && (
          <Note tone="warn" icon="warn" title="The schema cannot be read">
            <span>{plainLine(schema.why ?? 'It is written in a way that your node does not know.', 240)} Nothing can be issued by it here.</span>
          </Note>
        )}
        {schema?.fields && <AttestForm key={schema.uid} schema={schema} />}
      </div>
      <aside class="stack" aria-label="Schema">
        <AttestPick key={uid ?? ''} list={list} uid={uid} />
        {schema && <About schema={schema} />}
      </aside>
    </div>
  )
}

export function IdentityIssue() {
  const isThere = !isLacking() && attestNews.value !== null
  const hasContract = contract.now.value.value?.eas ?? contract.now.value.error?.code !== 'no_eas'
  return (
    <>
      <Title tab="Issue" lede={isThere ? 'You see what you sign before you sign it. What you say under your name, you can revoke, not unsay.' : null}>
        Issue an attestation
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          {!hasContract && (
            <Note icon="off" title="There is no attestation contract on this network">
              <span>
                <Icon name="id" /> Nothing can be issued here.
              </span>
            </Note>
          )}
          <Hold of={schemas} what="the schemas">
            {v => <Screen list={v.schemas} />}
          </Hold>
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
