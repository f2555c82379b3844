// A node of our own as a relay, in a folder of its own, open to everybody unless a test wants it otherwise.
import { dataDir, Hearth, option } from './hearth.mjs'

const NOBODY = ['http://127.0.0.1:9'] // a beacon that is not there: the relay does not need one
export const OPEN = { policy: { write: 'stranger', read: 'stranger', stranger_difficulty: 0, events_a_minute: 1000000, author_bytes: 2 ** 40 } }

// {node, url, stop()} with --url: a relay that runs already, and no node.
export async function startRelay({ name = 'relay', dir = null, settings = OPEN, args = [] } = {}) {
  const given = option('--url')
  if (given) return { node: null, url: given, pid: Number(option('--pid') ?? 0), stop: async () => {} }
  const node = await Hearth.start({ network: 'mainnet', dir: dir ?? await dataDir(name), beacons: NOBODY, args })
  const door = await node.call('node.door')
  if (!door.served) {
    await node.stop()
    throw new Error('no module serves at the relay\'s door')
  }
  if (settings) await node.call('social.set_settings', settings)
  return { node, url: door.url, pid: node.run.child.pid, stop: () => node.stop() }
}
