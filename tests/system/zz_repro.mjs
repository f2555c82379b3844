import { generateSecretKey } from 'nostr-tools'
import { PeerNode, PASSPHRASE } from './peer_node.mjs'
import { tidy } from './hearth.mjs'
const hub = await PeerNode.start('hub', generateSecretKey(), { args: ['--peer-port', '0'] })
const c = await PeerNode.start('c', generateSecretKey())
await c.join(hub)
for (let k = 0; k < 4; k++) {
  await c.stop()
  await c.run()
  if (k % 2 == 0) await c.owner.unlock(PASSPHRASE)
  const t0 = Date.now()
  let last = ''
  while (Date.now() - t0 < 15000) {
    const p = await c.peer(hub)
    const s = JSON.stringify([p.state, p.last_end, p.since_s])
    if (s !== last) console.log(k, Date.now() - t0, last = s)
    await new Promise(d => setTimeout(d, 50))
  }
}
for (const n of [hub, c]) await n.stop()
await tidy()
process.exit()
