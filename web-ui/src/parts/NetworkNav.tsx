// The places of the network: the chain, the peers, how peers come here. A node without peers has the first alone.
import { peersNews } from '../node'
import { route, type Screen } from '../route'

const TABS: [Screen, string][] = [['network', 'Chain'], ['peers', 'Peers'], ['reach', 'How others reach you']]

export function NetworkNav() {
  if (!peersNews.value) return null
  return (
    <nav class="tabs" aria-label="Network">
      {TABS.map(([screen, name]) => (
        <a key={screen} class="btn s quiet" href={`#/${screen}`} aria-current={route.value.screen === screen ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}
