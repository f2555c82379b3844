// DIDs answers: which keys speak for this identity, who controls it, and what has ever been changed about it?
import { useSignal } from '@preact/signals'
import { didOf, identities, resolved } from '../identity'
import { Icon } from '../icons'
import { route } from '../route'
import { attestNews } from '../node'
import { AttestNav, Hold, isLacking, NoIdentity } from '../parts/AttestNav'
import { Whose } from '../parts/AttestStatus'
import { DidAttribute, DidDelegate } from '../parts/DidActs'
import { DidAlerts } from '../parts/DidCard'
import { DidDocument } from '../parts/DidDocument'
import { DidFind } from '../parts/DidFind'
import { DidHistory } from '../parts/DidHistory'
import { DidRotate } from '../parts/DidRotate'
import { ProofDid } from '../parts/ProofDid'
import { Title } from '../parts/Title'
import { plainLine } from '../plain'
import type { Identity } from '../contract-identity'
import { UnlockCard } from '../parts/Unlock'
import { lock, nameOf } from '../wallet'

function Acts({ i }: { i: Identity }) {
  const isOpen = useSignal(false)
  if (i.is_deactivated) return null
  if (lock.value === 'locked') return <UnlockCard />
  return (
    <>
      <DidRotate key={`${i.did} rotate`} i={i} />
      <div>
        <button class="btn s" type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          <Icon name="key" />
          {isOpen.value ? 'Hide delegates, keys and services' : 'Delegates, keys and services'}
        </button>
      </div>
      {isOpen.value && <DidDelegate key={`${i.did} delegate`} i={i} />}
      {isOpen.value && <DidAttribute key={`${i.did} attribute`} i={i} />}
    </>
  )
}

function Screen() {
  const mine = identities.now.value.value?.identities ?? []
  const did = didOf(route.value.arg)
  const i = mine.find(one => one.did === did) ?? null
  return (
    <div class="cols">
      <div class="stack">
        <DidAlerts />
        {i && !i.is_deactivated && i.owner && i.owner.toLowerCase() !== i.account.toLowerCase() && (
          <p>
            Controlled by <Whose a={i.owner} />, not by the account it is named after.
          </p>
        )}
        {did ? (
          <Hold of={resolved} what="the document and every change" rows={4}>
            {r => (
              <>
                <DidDocument r={r} did={did} />
                {r.history && <DidHistory list={r.history} />}
              </>
            )}
          </Hold>
        ) : (
          <Hold of={identities} what="your DIDs">
            {() => <p class="mute">You have no DID yet: each account of yours is one. Any other can be looked up.</p>}
          </Hold>
        )}
      </div>
      <aside class="stack" aria-label="Change it">
        <DidFind key={did ?? ''} mine={mine} did={did} />
        {did?.startsWith('did:ethr:') && <ProofDid key={`${did} proof`} did={did} />}
        {i && <Acts i={i} />}
      </aside>
    </div>
  )
}

export function IdentityDid() {
  const isThere = !isLacking() && attestNews.value !== null
  const did = didOf(route.value.arg)
  const mine = identities.now.value.value?.identities.find(i => i.did === did)
  const name = mine ? nameOf(mine.account) : null
  return (
    <>
      <Title tab="DIDs and keys" lede={isThere && did ? <span class="host">{plainLine(did, 200)}</span> : null}>
        {name ? `${name}’s DID` : 'DIDs and keys'}
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          <Screen />
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
