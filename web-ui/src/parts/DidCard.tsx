// My DIDs in short, and the alert when one changed without an act of mine.
import type { Identity } from '../contract-identity'
import { group } from '../format'
import { Icon } from '../icons'
import { identities, seen } from '../identity'
import { say } from '../say'
import { nameOf } from '../wallet'
import { said, Whose } from './AttestStatus'
import { Card } from './Card'
import { CopyText } from './Copy'
import { Trouble, useAct } from './Form'
import { Note } from './Notes'
import { BlockRef, Grouped } from './Ref'

function Alert({ i }: { i: Identity }) {
  const act = useAct()
  if (!i.alert) return null
  return (
    <div role="alert">
      <Note tone="bad" icon="failed" title={`${nameOf(i.account) ?? 'One of your identities'} changed without you`}>
        <span>
          {said(i.alert.text)} {i.alert.block > 0 && <>It is proven in block <BlockRef n={i.alert.block} />. </>}No act of this node made it. If it was not you elsewhere, somebody has the key: move what
          the account holds, and tell those who rely on it.
        </span>
        <span class="line">
          <a class="btn s main" href={`#/did/${i.did}`}>
            See what changed
          </a>
          <button class="btn s" type="button" aria-disabled={act.isBusy} onClick={() => act.run(() => seen(i.did).then(() => { identities.again(); say('Noted') }))}>
            It was me
          </button>
        </span>
        <Trouble act={act} title="It was not noted" />
      </Note>
    </div>
  )
}

export function DidAlerts() {
  return (
    <>
      {(identities.now.value.value?.identities ?? []).map(i => (
        <Alert key={i.did} i={i} />
      ))}
    </>
  )
}

function One({ i }: { i: Identity }) {
  const isOwn = i.owner?.toLowerCase() === i.account.toLowerCase()
  return (
    <div class="stack tight">
      <h3>{nameOf(i.account) ?? 'Unnamed account'}</h3>
      <dl class="stack tight">
        <div>
          <dt class="small mute">
            did:ethr{' '}
            {i.as_of && (
              <span class="prov ok">
                <Icon name="proven" />
                Proven at block {group(i.as_of.number)}
              </span>
            )}
          </dt>
          <dd>
            <Grouped hex={i.account} />
          </dd>
        </div>
        <div>
          <dt class="small mute">Controller</dt>
          <dd>{i.is_deactivated ? 'none: it was given up for good' : isOwn ? 'the account itself' : <Whose a={i.owner} />}</dd>
        </div>
        {i.did_key && (
          <div>
            <dt class="small mute">did:key</dt>
            <dd class="mono small">{i.did_key}</dd>
          </div>
        )}
      </dl>
      <div class="line">
        <a class="btn s" href={`#/did/${i.did}`}>
          Open<span class="sr"> {i.did}</span>
        </a>
        <CopyText value={i.did} what={i.did} label="Copy the DID" />
      </div>
    </div>
  )
}

export function DidCard({ list }: { list: Identity[] }) {
  return (
    <Card id="dids" title="Your DIDs">
      <div class="body stack">
        {list.length === 0 && (
          <p class="mute">
            Each account of yours is a DID. You have none yet: <a href="#/wallet">begin your wallet</a>.
          </p>
        )}
        {list.slice(0, 6).map(i => (
          <One key={i.did} i={i} />
        ))}
        {list.length > 6 && <p class="small mute">And {group(list.length - 6)} more, under DIDs and keys.</p>}
      </div>
    </Card>
  )
}
