// Starts the page: theme first, so that the first paint has it, then clock, node and router.
import './theme'
import './tokens.css'
import './hearth.css'
import './app.css'
import { render, type ComponentType } from 'preact'
import { startClock } from './clock'
import { startEvents } from './events'
import { startNode } from './node'
import { area, fetchAreas } from './lazy'
import { startLook } from './look'
import { Frame } from './parts/Frame'
import { startReview } from './review'
import { route, startRouter, type Screen } from './route'
import { Home } from './screens/Home'
import { Network } from './screens/Network'
import { SignIn } from './screens/SignIn'
import { mood } from './view'

// The first load holds what says whether the node is all right, and the review sheet (in the frame).
const look = area(() => import('./areas/look'), 'Look up')
const wallet = area(() => import('./areas/wallet'), 'Wallet')
const feed = area(() => import('./areas/feed'), 'Feed')
const identity = area(() => import('./areas/identity'), 'Identity')
const net = area(() => import('./areas/peers'), 'Network')
const gov = area(() => import('./areas/governance'), 'Governance')
const more = area(() => import('./areas/more'))

const SCREENS: Record<Screen, ComponentType> = {
  home: Home, network: Network, peers: net('Peers'), reach: net('Reach'),
  look: look('Look'), block: look('Block'), tx: look('Tx'), account: look('Account'),
  wallet: wallet('Wallet'), permissions: wallet('Permissions'), devices: wallet('Devices'), settings: wallet('Settings'),
  feed: feed('Feed'), thread: feed('Thread'), author: feed('Author'), notifications: feed('Notifications'), messages: feed('Messages'),
  search: feed('Search'), moderation: feed('Moderation'),
  identity: identity('Identity'), attestation: identity('IdentityAttestation'), issue: identity('IdentityIssue'), verify: identity('IdentityVerify'), did: identity('IdentityDid'),
  circle: identity('IdentityCircle'), schemas: identity('IdentitySchemas'),
  governance: gov('Governance'), community: gov('Community'), proposal: gov('Proposal'), recount: gov('Recount'), propose: gov('Propose'), found: gov('Found'), polls: gov('Polls'), poll: gov('PollScreen'), notices: gov('Notices'),
  connect: more('Connect'), help: more('Help')
}

function App() {
  if (mood.value === 'out') return <SignIn />
  const { screen, arg } = route.value
  const Screen = SCREENS[screen]
  return (
    <Frame>
      <Screen key={`${screen} ${arg ?? ''}`} />
    </Frame>
  )
}

startClock()
startNode()
startRouter()
startLook()
startEvents()
startReview()
const root = document.getElementById('app')
if (root) render(<App />, root)
fetchAreas()
