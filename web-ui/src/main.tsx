// Starts the page: theme first, so that the first paint has it, then clock, node and router.
import './theme'
import './tokens.css'
import './hearth.css'
import './app.css'
import { render } from 'preact'
import { startClock } from './clock'
import { startEvents } from './events'
import { startNode } from './node'
import { Frame } from './parts/Frame'
import { startLook } from './look'
import { startReview } from './review'
import { route, startRouter } from './route'
import { Account } from './screens/Account'
import { Block } from './screens/Block'
import { Connect } from './screens/Connect'
import { Help } from './screens/Help'
import { Home } from './screens/Home'
import { Look } from './screens/Look'
import { Network } from './screens/Network'
import { Permissions } from './screens/Permissions'
import { Settings } from './screens/Settings'
import { SignIn } from './screens/SignIn'
import { Tx } from './screens/Tx'
import { Wallet } from './screens/Wallet'
import { mood } from './view'

const SCREENS = { home: Home, look: Look, block: Block, tx: Tx, account: Account, wallet: Wallet, permissions: Permissions, settings: Settings, connect: Connect, network: Network, help: Help }

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
