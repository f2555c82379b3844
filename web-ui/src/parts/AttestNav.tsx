// The places of identity, and what stands in for what the node has not told: on its way, refused, grown old, not there.
import type { ComponentChildren } from 'preact'
import { reason } from '../format'
import type { View } from '../got'
import { Icon } from '../icons'
import { attestNews, lacking } from '../node'
import { route, type Screen } from '../route'
import { CopyCode } from './Copy'
import { Refused, Waiting } from './Facts'
import { BoneCard, Note } from './Notes'

const TABS: [Screen, string][] = [['identity', 'Overview'], ['verify', 'Verify'], ['issue', 'Issue'], ['did', 'DIDs and keys'], ['circle', 'Circle'], ['schemas', 'Schemas']]

export function AttestNav() {
  return (
    <nav class="tabs" aria-label="Identity">
      {TABS.map(([screen, name]) => (
        <a key={screen} class="btn s quiet" href={`#/${screen}`} aria-current={route.value.screen === screen ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}

export const isLacking = (): boolean => lacking.value.has('attest.changed')

// A node that was built without the module, or is older than this page; and the moment before that is known.
export function NoIdentity() {
  if (isLacking()) {
    return (
      <section class="card" aria-label="No identity">
        <div class="empty">
          <Icon name="id" />
          <b>This node keeps no attestations</b>
          <p class="mute">It was built without them, or is older than this page.</p>
        </div>
      </section>
    )
  }
  return attestNews.value ? null : <BoneCard rows={3} />
}

const TITLES: Record<string, [string, string]> = {
  no_eas: ['There is no attestation contract on this network', 'Your node knows none here, so nothing can be proven or issued on chain.'],
  no_registry: ['There is no registry of DIDs on this network', 'An address has the document that follows from it, and no changes.'],
  did_syntax: ['That is no DID', 'One begins with did:ethr:, did:pkh: or did:key:.'],
  notFound: ['There is no such DID', 'Nothing is known under it.']
}

// `children` gets the value. What is old stays, under a note that says so.
export function Hold<T>({ of, what, rows = 3, children }: { of: View<T>; what: string; rows?: number; children(value: T): ComponentChildren }) {
  const { value, error, begun } = of.now.value
  if (value === null) {
    if (!error) return <Waiting begun={begun} rows={rows} label={`Loading ${what}`}>Your node looks up {what} and proves it.</Waiting>
    const [title, means] = TITLES[error.code] ?? [`Not shown: ${what}`, 'Nothing unproven is shown in its place.']
    return (
      <section class="card" aria-label={`Not shown: ${what}`}>
        <Refused error={error} again={() => of.again()} words={{ title, means, tone: error.code in TITLES ? 'none' : 'warn' }} />
      </section>
    )
  }
  return (
    <>
      {error && (
        <Note tone="warn" icon="stale" title="This has grown old">
          <span>{reason(error.message)} What you see was proven before.</span>
          <span class="line">
            <button class="btn s" type="button" onClick={() => of.again()}>
              Ask again
            </button>
            <CopyCode code={error.code} />
          </span>
        </Note>
      )}
      {children(value)}
    </>
  )
}
