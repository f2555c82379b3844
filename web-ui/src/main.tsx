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
const own = area(() => import('./areas/own'))
const feed = area(() => import('./areas/feed'))
const civic = area(() => import('./areas/civic'))

const SCREENS: Record<Screen, ComponentType> = {
  home: Home, network: Network, peers: own('Peers', 'Network'), reach: own('Reach', 'Network'),
  look: own('Look', 'Look up'), block: own('Block', 'Look up'), tx: own('Tx', 'Look up'), account: own('Account', 'Look up'),
  wallet: own('Wallet', 'Wallet'), permissions: own('Permissions', 'Wallet'), devices: own('Devices', 'Wallet'), settings: own('Settings', 'Wallet'),
  feed: feed('Feed', 'Feed'), thread: feed('Thread', 'Feed'), author: feed('Author', 'Feed'), notifications: feed('Notifications', 'Feed'), messages: feed('Messages', 'Feed'),
  search: feed('Search', 'Feed'), moderation: feed('Moderation', 'Feed'),
  identity: civic('Identity', 'Identity'), attestation: civic('IdentityAttestation', 'Identity'), issue: civic('IdentityIssue', 'Identity'), verify: civic('IdentityVerify', 'Identity'), did: civic('IdentityDid', 'Identity'),
  circle: civic('IdentityCircle', 'Identity'), schemas: civic('IdentitySchemas', 'Identity'),
  governance: civic('Governance', 'Governance'), community: civic('Community', 'Governance'), proposal: civic('Proposal', 'Governance'), recount: civic('Recount', 'Governance'), propose: civic('Propose', 'Governance'), found: civic('Found', 'Governance'), polls: civic('Polls', 'Governance'), poll: civic('PollScreen', 'Governance'), notices: civic('Notices', 'Governance'), check: civic('Check', 'Governance'),
  connect: own('Connect'), help: own('Help')
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
