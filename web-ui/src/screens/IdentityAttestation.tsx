// One attestation answers: what does it say, does it hold, how is that known, and what can I do with it?
import type { Attestation } from '../contract-identity'
import { attestations, here, leftOut } from '../identity'
import { attestNews } from '../node'
import { AttestActs } from '../parts/AttestActs'
import { AttestDisclose } from '../parts/AttestDisclose'
import { AttestOlder } from '../parts/AttestOlder'
import { AttestNav, Hold, isLacking, NoIdentity } from '../parts/AttestNav'
import { AttestRevoke } from '../parts/AttestRevoke'
import { AttestBadge, AttestSaid, titleOf, when, Whose } from '../parts/AttestStatus'
import { AttestValues } from '../parts/AttestValues'
import { Card } from '../parts/Card'
import { Hash } from '../parts/Copy'
import { ProofCheck } from '../parts/ProofCheck'
import { Title } from '../parts/Title'
import { EmptyTile } from '../icons'
import { plainLine } from '../plain'

const ZERO = /^0x0*$/

function Said({ a }: { a: Attestation }) {
  return (
    <Card id="says" title="What it says" side={<AttestBadge a={a} />}>
      <div class="body">
        <AttestValues a={a} />
        <p class="mute">
          <AttestSaid a={a} />
        </p>
      </div>
    </Card>
  )
}

function Facts({ a }: { a: Attestation }) {
  return (
    <Card id="facts" title="From whom, to whom">
      <div class="body">
        <dl class="kv">
          <dt>From</dt>
          <dd>
            <Whose a={a.attester} />
          </dd>
          <dt>About</dt>
          <dd>
            <Whose a={a.recipient} />
          </dd>
          <dt>Made</dt>
          <dd>{a.time ? when(a.time) : 'not known yet'}</dd>
          <dt>Expires</dt>
          <dd>{a.expiration_time ? when(a.expiration_time) : 'never'}</dd>
          <dt>Revocable</dt>
          <dd>{a.revocable ? 'yes' : 'no, it is for good'}</dd>
          <dt>Kept</dt>
          <dd>{a.kind === 'onchain' ? 'on chain' : 'off chain, as a signed package'}</dd>
          <dt>Uid</dt>
          <dd>
            <Hash value={a.uid} what="Uid" />
          </dd>
          <dt>Schema</dt>
          <dd>
            {a.schema_text && <span class="mono">{plainLine(a.schema_text, 200)} </span>}
            {a.schema && <Hash value={a.schema} what="Schema" />}
          </dd>
          {a.ref_uid && !ZERO.test(a.ref_uid) && (
            <>
              <dt>Refers to</dt>
              <dd>
                <Hash value={a.ref_uid} what="Uid it refers to" />
              </dd>
            </>
          )}
        </dl>
      </div>
    </Card>
  )
}

function Whole({ a }: { a: Attestation }) {
  const isMine = a.role === 'issued' || a.role === 'both'
  return (
    <div class="cols">
      <div class="stack">
        <Said a={a} />
        {a.private && <AttestDisclose key={a.uid} a={a} />}
        <ProofCheck key={`${a.uid} proof`} a={a} />
        {isMine && <AttestRevoke key={`${a.uid} revoke`} a={a} />}
      </div>
      <aside class="stack" aria-label="About it">
        <AttestActs a={a} />
        <Facts a={a} />
      </aside>
    </div>
  )
}

export function IdentityAttestation() {
  const a = here()
  const isThere = !isLacking() && attestNews.value !== null
  return (
    <>
      <Title tab="Attestation" lede={a && <><Whose a={a.attester} /> about <Whose a={a.recipient} /></>}>
        <span class="host">{a ? titleOf(a) : 'Attestation'}</span>
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          <Hold of={attestations} what="this attestation">
            {() =>
              a ? (
                <Whole a={a} />
              ) : (
                <section class="card" aria-label="Not kept here">
                  <div class="empty">
                    <EmptyTile />
                    <b>{leftOut.value ? 'It is not among the newest that are kept here' : 'Your node does not keep this attestation'}</b>
                    <p class="mute">{leftOut.value ? 'It may be among the older ones.' : 'It was removed here, or never imported. It may well exist: verify its uid.'}</p>
                    <AttestOlder />
                    <a class="btn" href="#/verify">
                      Verify it
                    </a>
                  </div>
                </section>
              )
            }
          </Hold>
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
