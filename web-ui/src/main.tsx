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
import { route, startRouter } from './route'
import { Help } from './screens/Help'
import { Home } from './screens/Home'
import { Network } from './screens/Network'
import { SignIn } from './screens/SignIn'
import { mood } from './view'

const SCREENS = { home: Home, network: Network, help: Help }

function App() {
  if (mood.value === 'out') return <SignIn />
  const { screen } = route.value
  const Screen = SCREENS[screen]
  return (
    <Frame>
      <Screen key={screen} />
    </Frame>
  )
}

startClock()
startNode()
startRouter()
startEvents()
const root = document.getElementById('app')
if (root) render(<App />, root)
