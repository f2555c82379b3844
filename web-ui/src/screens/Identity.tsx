// Identity answers: who vouches for me today, for whom do I, and has anything changed about who I am?
import type { Attestation } from '../contract-identity'
import { capitalWord, group } from '../format'
import { EmptyTile, Icon } from '../icons'
import { all, attestations, contract, identities, links } from '../identity'
import { attestNews } from '../node'
import { AttestCard, AttestRow } from '../parts/AttestCard'
import { AttestFind } from '../parts/AttestFind'
import { AttestOlder } from '../parts/AttestOlder'
import { AttestNav, Hold, isLacking, NoIdentity } from '../parts/AttestNav'
import { isEnding } from '../parts/AttestStatus'
import { Card } from '../parts/Card'
import { ClaimLink } from '../parts/ClaimLink'
import { DidAlerts, DidCard } from '../parts/DidCard'
import { Title, usePart } from '../parts/Title'
import { mood } from '../view'

export function ledeOf(list: Attestation[]): string {
  const good = list.filter(a => a.verdict === 'valid')
  const by = new Set(good.map(a => a.attester.toLowerCase())).size
  const parts = [by === 0 ? 'Nobody vouches for you today.' : `${capitalWord(by)} ${by === 1 ? 'account vouches' : 'accounts vouch'} for you today.`]
  const ending = good.filter(isEnding).length
  const gone = list.filter(a => a.verdict === 'revoked').length
  const open = list.filter(a => a.verdict === 'unverified').length
  if (ending) parts.push(`${capitalWord(ending)} ${ending === 1 ? 'expires' : 'expire'} soon.`)
  if (gone) parts.push(`${capitalWord(gone)} ${gone === 1 ? 'was' : 'were'} revoked.`)
  if (open) parts.push(`${capitalWord(open)} could not be told.`)
  return parts.join(' ')
}

const isReceived = (a: Attestation): boolean => a.role === 'received' || a.role === 'both'
const isIssued = (a: Attestation): boolean => a.role === 'issued' || a.role === 'both'

function Received({ list }: { list: Attestation[] }) {
  return (
    <section class="stack tight" aria-labelledby="in-h">
      <div class="line apart">
        <h2 id="in-h" tabIndex={-1}>
          Who vouches for you
        </h2>
        <a class="btn s" href="#/verify">
          Import
        </a>
      </div>
      {list.length ? (
        <ul class="duo fine">
          {list.map(a => (
            <AttestCard key={`${a.attester} ${a.uid}`} a={a} />
          ))}
        </ul>
      ) : (
        <div class="card">
          <div class="empty">
            <EmptyTile />
            <b>Nobody has vouched for you yet</b>
            <p class="mute">What is attested on chain for your accounts appears here once its block is final. What you were sent as a file or a link you import.</p>
            <a class="btn" href="#/verify">
              Verify and import
            </a>
          </div>
        </div>
      )}
    </section>
  )
}

function Issued({ list }: { list: Attestation[] }) {
  return (
    <Card
      id="out"
      title="For whom you vouch"
      side={
        <a class="btn s main" href="#/issue">
          <Icon name="pen" />
          Issue
        </a>
      }
    >
      {list.length ? (
        <ul class="rows">
          {list.map(a => (
            <AttestRow key={`${a.attester} ${a.uid}`} a={a} />
          ))}
        </ul>
      ) : (
        <div class="empty">
          <EmptyTile />
          <b>You vouch for nobody yet</b>
          <p class="mute">An attestation says something about an account, signed by one of yours. You can revoke it later.</p>
        </div>
      )}
    </Card>
  )
}

function Others({ list }: { list: Attestation[] }) {
  if (!list.length) return null
  return (
    <Card id="others" title="Of others, kept here">
      <ul class="rows">
        {list.map(a => (
          <AttestRow key={`${a.attester} ${a.uid}`} a={a} />
        ))}
      </ul>
    </Card>
  )
}

function Lists() {
  return (
    <Hold of={attestations} what="your attestations" rows={4}>
      {v => (
        <>
          <Received list={all.value.filter(isReceived)} />
          <Issued list={all.value.filter(isIssued)} />
          <Others list={all.value.filter(a => a.role === 'other')} />
          <AttestOlder />
          <p class="small mute">
            {v.as_of ? `All of it is looked at again at each finality, the last time at finalized block ${group(v.as_of.number)}.` : 'It is looked at once a block is final.'}
            {v.scanned !== null && ` On chain it was searched up to block ${group(v.scanned)}.`}
          </p>
        </>
      )}
    </Hold>
  )
}

export function Identity() {
  usePart()
  const list = attestations.now.value.value && all.value
  const isThere = !isLacking() && attestNews.value !== null
  const alerts = identities.now.value.value?.identities.filter(i => i.alert).length ?? 0
  const lede = !list || mood.value === 'lost' ? null : `${alerts ? `${capitalWord(alerts)} of your identities changed without you. ` : ''}${ledeOf(list.filter(isReceived))}`
  return (
    <>
      <Title tab="Identity" lede={isThere ? lede : null}>
        Identity
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          <div class="cols">
            <div class="stack">
              <DidAlerts />
              <Lists />
            </div>
            <aside class="stack" aria-label="DIDs and keys">
              <Hold of={identities} what="your DIDs" rows={2}>
                {v => <DidCard list={v.identities} />}
              </Hold>
              <Hold of={links} what="the link of your keys" rows={1}>
                {v => <ClaimLink list={v.links} />}
              </Hold>
              {contract.now.value.value?.eas && <AttestFind />}
            </aside>
          </div>
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
