// What a node says of its peers and of how it is reached, in the form of social/mesh/mesh_service.h, and a script of it that
// changes as the page acts. All nodes, people and addresses are invented.
import { bytesOf, refusal } from './facts.mjs'
import { me } from './feed.mjs'
import { rich, withWallet } from './wallet.mjs'

export const nodeKey = name => bytesOf(`peer node ${name}`).slice(2)
const seconds = () => Math.floor(Date.now() / 1000)
const NO_CATCHUP = { state: 'idle', needed: 0, taken: 0, offered: 0, at_s: null, code: null, has_neg: true }

export const peer = (name, over = {}) => ({
  node: nodeKey(name), user: nodeKey(`${name} user`), npub: 'npub1' + 'qz7k4'.repeat(11) + 'm3x', name, label: '', device: '', state: 'connected', how: 'tls', direction: 'out', address: 'wss://203.0.113.9:8422', addresses: ['wss://203.0.113.9:8422'],
  origin: 'added', is_accepted: true, is_courier: false, score: 34, first: 120, duplicates: 310, bytes_in: 3_140_000, bytes_out: 1_220_000, since_s: seconds() - 7300, seen_s: seconds() - 7300, serves: ['gossip', 'chain', 'blobs'],
  scope: { all: false, authors: 214, inbox: 1, tags: [] }, shared_authors: 132, faults: [], last_end: null, catchup: { ...NO_CATCHUP, state: 'done', needed: 40, taken: 40, offered: 12, at_s: seconds() - 7200 }, ...over
})
const unlinked = (name, state, over = {}) => peer(name, { state, how: null, direction: null, address: null, since_s: null, serves: [], scope: { all: false, authors: 0, inbox: 0, tags: [] }, shared_authors: 0, catchup: NO_CATCHUP, ...over })
const fault = (kind, what, over = {}) => ({ kind, what, count: 1, at_ms: Date.now() - 600_000, ...over })

export const PEERS = () => [
  peer('Inês Vale', { label: 'Inês at home', device: 'attic', is_courier: true }),
  peer('Tomás Fell', { how: 'onion', direction: 'in', address: 'onion', addresses: [`wss://${'a2'.repeat(28)}.onion`], origin: 'followed', score: 72, shared_authors: 1, serves: ['gossip'], catchup: { ...NO_CATCHUP, state: 'fetching', needed: 900, taken: 410, at_s: seconds() - 4 }, since_s: seconds() - 5 }),
  peer('Okke', { name: null, npub: null, user: null, device: 'okke-nas', how: 'plain', direction: 'in', origin: 'lan', addresses: [], score: 0, first: 0, duplicates: 0, bytes_in: 900, bytes_out: 1200, scope: { all: true, authors: 0, inbox: 0, tags: [] }, shared_authors: 0, catchup: { ...NO_CATCHUP, state: 'failed', code: 'timed_out', at_s: seconds() - 30, has_neg: false } }),
  unlinked('Wanjiru Mwea', 'waiting', { last_end: { code: 'connect_failed', text: 'connection refused' }, seen_s: seconds() - 86_400 * 3, score: 12 }),
  unlinked('Jun Okabe', 'asleep', { addresses: [], origin: 'invited', seen_s: seconds() - 4000, last_end: { code: 'lost', text: 'the connection was lost' } }),
  unlinked('Loud', 'resting', { score: -55, faults: [fault('not_had', 'event 41aa…: not given', { count: 3, at_ms: Date.now() - 7_200_000 }), fault('flood', '2,400 events in 10 s', { count: 2 })], last_end: { code: 'flood', text: 'more than its budget' } }),
  unlinked('Forger', 'banned', { origin: 'stranger', score: -100, faults: [fault('bad_signature', 'event 3f2a…: signature')], last_end: { code: 'bad_signature', text: 'bad signature' }, seen_s: null }),
  unlinked('Somebody', 'waiting', { origin: 'exchanged', is_accepted: false, score: 0, first: 0, duplicates: 0, bytes_in: 0, bytes_out: 0, seen_s: null })
]

export const LINK = `hearth:peer?node=${nodeKey('me')}&addr=${encodeURIComponent('wss://203.0.113.20:8422')}&pin=${nodeKey('pin')}&user=npub1${'qz7k4'.repeat(11)}m3x&secret=${'0a'.repeat(16)}&expires=${seconds() + 86_400}&name=attic`
export const GIVEN = `hearth:peer?node=${nodeKey('New')}&addr=${encodeURIComponent('wss://198.51.100.4:8422')}&addr=${encodeURIComponent('wss://nas.okke.example:8422')}&addr=x&pin=${nodeKey('pin')}&secret=${'0b'.repeat(16)}&expires=${seconds() + 86_400}&name=New+laptop`

const OFF = { is_on: false, state: 'off', why: null }
export const NOWHERE = () => ({ listen: null, is_on: false, why: null, addresses: [], lan: { is_on: false, found: 0, why: null }, map_port: { ...OFF, external: null, lease_s: null }, onion: { ...OFF, address: null }, rendezvous: OFF })
export const EVERYWHERE = () => ({
  listen: 'wss://0.0.0.0:8422', is_on: true, why: null,
  addresses: [{ url: 'wss://192.168.1.20:8422', reach: 'lan', is_told: true }, { url: 'wss://203.0.113.20:8422', reach: 'public', is_told: true }, { url: `wss://${'b7'.repeat(28)}.onion`, reach: 'onion', is_told: true }, { url: 'wss://127.0.0.1:8422', reach: 'loopback', is_told: false }],
  lan: { is_on: true, found: 2, why: null }, map_port: { is_on: true, state: 'open', external: '203.0.113.20:8422', lease_s: 3300, why: null }, onion: { is_on: true, state: 'ready', address: `${'b7'.repeat(28)}.onion`, why: null }, rendezvous: { is_on: true, state: 'ready', why: null }
})
export const SETTINGS = (over = {}) => ({
  listen: false, port: 0, bind: '0.0.0.0', hosts: [], lan: false, map_port: false, onion: false, tor_control: '127.0.0.1:9051', tor_socks: '127.0.0.1:9050', exchange: false, rendezvous: false, tell: 'peers', accept_follows: true, is_open: false, couriers: true,
  courier_bytes: 67_108_864, serve_chain: true, serve_blobs: true, upload_bytes_per_s: 0, plain_lan: false, ...over
})
export const ALL_ON = () => SETTINGS({ listen: true, lan: true, map_port: true, onion: true, rendezvous: true, exchange: true, port: 8422, upload_bytes_per_s: 500_000 })

const GOSSIP = { pushed: 812, gave: 40, announced: 2931, asked: 60, received: 4100, duplicates: 2900, fresh: 1120, bad: 1 }

// What the node says, and what the page asked of it. `fails`: a method and its refusal; `waits`: methods that never answer.
export function scriptedPeers(over = {}, wallet = {}) {
  const w = rich(wallet)
  const d = { peers: PEERS(), invitations: [], reach: NOWHERE(), settings: SETTINGS(), gossip: GOSSIP, me: me(), made: { link: LINK, addresses: ['wss://203.0.113.20:8422'], warnings: [] }, isLacking: false, sent: [], fails: {}, waits: [], ...over }
  const links = () => d.peers.filter(p => p.state === 'connected').length
  const news = () => ({ links: links(), peers: d.peers.length })
  const edit = (node, change) => (d.peers = d.peers.map(p => (p.node === node ? { ...p, ...change } : p)))
  d.install = node => {
    w.install(node)
    const changed = () => node.push('peers.changed', news())
    const answers = {
      list: () => ({ node: nodeKey('me'), pin: nodeKey('pin'), links: links(), wanted_links: 8, gossip: d.gossip, peers: d.peers, invitations: d.invitations, reach: d.reach }),
      settings: () => d.settings,
      set_settings: p => (d.settings = { ...d.settings, ...p }),
      invite: p => {
        const made = { ...d.made, expires_s: seconds() + p.hours * 3600 }
        d.invitations = [...d.invitations, { label: p.label ?? '', link: made.link, expires_s: made.expires_s }]
        return made
      },
      revoke: p => { d.invitations = d.invitations.filter(i => i.link !== p.link); return {} },
      add: p => { d.peers = [...d.peers, unlinked('New', 'connecting', { label: p.label ?? '', node: nodeKey('New') })]; return { node: nodeKey('New') } },
      ban: p => { edit(p.node, { state: p.on ? 'banned' : 'waiting' }); return {} },
      accept: p => { edit(p.node, { is_accepted: p.on }); return {} },
      forget: p => { d.peers = d.peers.filter(one => one.node !== p.node); return {} },
      courier: p => { edit(p.node, { is_courier: p.on }); return {} },
      label: p => { edit(p.node, { label: p.label }); return {} },
      dial: p => { edit(p.node, { state: 'connecting' }); return {} },
      forgive: p => { edit(p.node, { state: 'waiting', score: 0 }); return {} }
    }
    for (const [name, answer] of Object.entries(answers)) {
      node.methods.set(`peers.${name}`, params => {
        if (d.waits.includes(name)) return null
        if (d.fails[name]) return refusal(...d.fails[name])
        if (!['list', 'settings'].includes(name)) d.sent.push({ name, params })
        const result = answer(params)
        if (!['list', 'settings'].includes(name)) changed()
        return { result }
      })
    }
  }
  d.topics = scene => ({ ...withWallet(w, scene), ...(d.me && { 'social.me': d.me }), ...(!d.isLacking && { 'peers.changed': news() }) })
  d.calls = name => d.sent.filter(s => s.name === name).map(s => s.params)
  return d
}
