// Each way by which others reach the node, as a switch: what it does, who learns what by it, what came of it.
import type { ComponentChildren } from 'preact'
import type { PeerSettings, Reach, Way } from '../contract-peers'
import { count, reason, span } from '../format'
import { setPeers } from '../peers'
import { plainLine } from '../plain'
import { Card } from './Card'
import { learners, ReachDoor, ReachTor } from './ReachForms'
import { Switch } from './Switch'

type Asks = { title: string; words: string; yes: string }
type Flag = 'listen' | 'lan' | 'map_port' | 'onion' | 'exchange' | 'rendezvous'

const STATES: Record<string, [string, string]> = {
  off: ['', 'begins'], starting: ['a', 'starting'], waiting: ['', 'waiting'], asking: ['a', 'asking the router'], open: ['ok', 'open'], none: ['warn', 'no router answers'], failed: ['bad', 'failed'], connecting: ['a', 'connecting'], ready: ['ok', 'ready'], on: ['ok', 'on']
}

interface OneProps {
  of: PeerSettings
  flag: Flag
  title: string
  says: string
  asks?: Asks | undefined
  badge?: [string, string] | null
  why?: string | null
  children?: ComponentChildren
}

function One({ of, flag, title, says, asks, badge, why, children }: OneProps) {
  const isOn = of[flag]
  return (
    <li>
      <div class="line apart even">
        <div class="grow">
          <Switch on={isOn} set={on => setPeers({ [flag]: on })} says={says} asks={asks}>
            {title}
          </Switch>
        </div>
        {isOn && badge && <span class={`badge ${badge[0]}`}>{badge[1]}</span>}
      </div>
      {((isOn && why) || children) && (
        <div class="stack tight indent small">
          {isOn && why && <p>{reason(plainLine(why, 250))}</p>}
          {children}
        </div>
      )}
    </li>
  )
}

const badgeOf = (w: Way): [string, string] => STATES[w.state] ?? ['', plainLine(w.state, 20)]
const isAll = (bind: string): boolean => bind === '0.0.0.0' || bind === '::'

export function ReachWays({ s, r }: { s: PeerSettings; r: Reach }) {
  const needsDoor = s.listen || r.is_on ? null : 'It waits for the port for peers: turn that on first.'
  const who = learners(s)
  return (
    <Card id="ways" title="Ways to your node">
      <ul class="rows plain">
        <One
          of={s} flag="listen" title="A port for peers" badge={r.listen ? ['ok', 'open'] : ['bad', 'not open']} why={r.why}
          says="Other nodes can come to yours, by TLS. Who finds the port can knock; let in is only whom you invited, or whom your rules below let in."
          asks={isAll(s.bind) ? { title: 'Open a port in every network of this computer?', words: `Devices in the networks you are in can reach it then. If this computer has addresses that lead to it from the internet, ${who} will know them.`, yes: 'Open it' } : undefined}
        >
          {s.listen && r.listen && <p class="mono">{plainLine(r.listen, 200)}</p>}
          <ReachDoor s={s} />
        </One>
        {!s.listen && r.is_on && (
          <li>
            <p class="small">
              For this run the port is open all the same, as the command line of the node says{r.listen && <>: <span class="mono">{plainLine(r.listen, 200)}</span></>}.
            </p>
          </li>
        )}
        <One
          of={s} flag="lan" title="Your home network" badge={r.lan.found ? ['ok', `${count(r.lan.found, 'node')} found`] : ['', 'nobody found yet']} why={r.lan.why ?? needsDoor}
          says="Nodes in the same network find each other by themselves. Leave it off in networks that you do not trust."
          asks={{ title: 'Tell the network that you are in?', words: 'Every device in it, also where you are a guest, can see that a Hearth node runs here, its key and its address. That address, which leads nowhere from outside, becomes known to peers as well.', yes: 'Tell it' }}
        />
        <One
          of={s} flag="map_port" title="A port of your router" badge={badgeOf(r.map_port)} why={r.map_port.why ?? needsDoor}
          says="Asks the router, by UPnP or NAT-PMP, to let others in from the internet, and renews that while your node runs."
          asks={{ title: 'Let your peers know where you live on the internet?', words: `The internet address of your home, and with it about which town and which provider, becomes known: to ${who}. From then on anybody on the internet can knock at the port.`, yes: 'Ask the router' }}
        >
          {s.map_port && r.map_port.external && (
            <p>
              <span class="mono">{plainLine(r.map_port.external, 200)}</span>
              {r.map_port.lease_s !== null && `, held for ${span(r.map_port.lease_s * 1000)} more`}
            </p>
          )}
        </One>
        <One
          of={s} flag="onion" title="Tor" badge={badgeOf(r.onion)} why={r.onion.why}
          says="Others come through Tor and learn nothing of where you are. Peers learn an onion address that says nothing of you. Tor has to run on this computer."
        >
          {s.onion && r.onion.address && <p class="mono host">{plainLine(r.onion.address, 200)}</p>}
          {s.onion && <ReachTor s={s} />}
        </One>
        <One
          of={s} flag="rendezvous" title="A meeting place" badge={badgeOf(r.rendezvous)} why={r.rendezvous.why}
          says="Peers who lost your address find it again in a public table of the internet (a DHT), sealed for each of them: nobody else can find or read it."
          asks={{ title: 'Use the public table?', words: 'The computers that hold it see the internet address of your home and that it asks there; they learn neither who you are nor whom you look for.', yes: 'Use it' }}
        />
        <One
          of={s} flag="exchange" title="Passed on by peers"
          says="Peers of people who follow each other tell one another of their nodes, so that yours finds more links."
          asks={{ title: 'Let your peers pass your addresses on?', words: 'They go further than to those you invited: to nodes of the people whom your peers follow and who follow them.', yes: 'Let them' }}
        />
      </ul>
    </Card>
  )
}
