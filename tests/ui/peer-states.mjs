// The states of the two screens of peers, drawn by states.mjs.
import { ALL_ON, EVERYWHERE, GIVEN, LINK, NOWHERE, peer, PEERS, scriptedPeers, SETTINGS } from './peers.mjs'

const state = (name, route, over, words, { wallet, ...more } = {}) => ({
  name, route: `#/${route}`, words, ...more,
  start(node) {
    const d = scriptedPeers(over?.(), wallet)
    d.install(node)
    this.topics = () => d.topics(more.scene)
  }
})
const click = name => page => page.getByRole('button', { name }).first().click()
const none = () => ({})
const LOST = ['Node unreachable since', 'This stands as of']
const evil = '<img src=x onerror=alert(1)>\u202e'

export const PEER_STATES = [
  state('peers', 'peers', none, [
    'Nodes that yours is linked with', 'Three links of 8 that your node keeps if it can', 'Inês at home', 'Inês Vale, attic', 'Linked', 'Your node called it, by TLS with its key pinned; linked for 2 h.', 'You both carry 132 people. It gives chain data and media. You keep sealed messages for it while it is away.', '3.1 MB in, 1.2 MB out. Good.',
    'It came to you, through Tor', 'You both carry 1 person.', 'Fetching what you lack, 410 of 900.', 'okke-nas', 'without encryption, in your own network', 'It carries everybody.', 'Little known of it yet.',
    'Not linked', 'Nobody answers at its addresses.', 'Last linked 3 days ago', 'Away', 'No address of it is known', 'Let go', 'takes it back after a while. Last linked 2 h ago.', 'Too many faults: sent more than it may, 10 min ago.', 'Banned', 'Never linked yet.', 'Not let in', 'does not link with it before you let it in',
    'Invite a node', 'Good for', 'Make an invitation', 'Take an invitation', 'Exchanged', 'New to you', '1,120', 'Came twice', '2,900, 72 %', '3 of 8 links', 'How others reach you'
  ]),
  state('peers-all', 'peers', none, [
    'Keep messages for each other', 'Neither of you can read what is kept', 'Call it now', 'Forgive its faults', 'Ban', 'Allow again', 'Forget…', 'Let it in', 'you took its invitation', 'you follow each other', 'it was found in your network', 'Announced what it did not have, 3 times', 'event 3f2a…: signature', 'Gave something with a false signature',
    'It broke off (timed_out)', 'it is asked plainly', 'Both have the same: 40 came, 12 went', 'First with 120 of 430 posts', 'none that is known', '-100 of 100'
  ], { isUnfolded: true }),
  state('peers-forget', 'peers', none, ['Forget Inês at home?', 'Linking again takes a new invitation. Posts that came from it stay.', 'Keep'], {
    prepare: async page => { await page.getByText('All about it, and what you can do: Inês').click(); await click('Forget… Inês')(page) }
  }),
  state('peers-empty', 'peers', () => ({ peers: [], gossip: { pushed: 0, gave: 0, announced: 0, asked: 0, received: 0, duplicates: 0, fresh: 0, bad: 0 } }), ['Your node stands alone, and works so.', 'No peers yet', 'Invite somebody, or take an invitation.', '0 of 8 links'], { not: ['Exchanged', 'New to you'] }),
  state('peers-full', 'peers', () => ({ peers: Array.from({ length: 8 }, (_, i) => peer(`Peer ${i}`)) }), ['Eight links, as many as your node wants.', 'Peer 7']),
  state('peers-invited', 'peers', none, ['An invitation for Wanjiru', 'hearth:peer?node=', 'Give it to one person only', 'is good once, until', 'Copy', 'Done'], {
    prepare: async page => { await page.getByLabel('For whom').fill('Wanjiru'); await click('Make an invitation')(page); await page.locator('svg.qr path').waitFor() }
  }),
  state('peers-unreachable', 'peers', () => ({ made: { link: LINK.replace(/&addr=[^&]*/, ''), addresses: [], warnings: ['This node listens nowhere: whoever has the link knows it, but cannot come. Turn listening on first.'] } }), ['This node listens nowhere', 'How others reach you', 'Copy'], { prepare: click('Make an invitation') }),
  state('peers-long', 'peers', () => ({ made: { link: LINK + '&addr=' + 'n'.repeat(700), addresses: [], warnings: [] } }), ['The link is too long for a picture'], { prepare: click('Make an invitation') }),
  state('peers-open', 'peers', () => ({ invitations: [{ label: 'Ada', link: LINK, expires_s: Math.floor(Date.now() / 1000) + 7260 }, { label: '', link: LINK + '1', expires_s: Math.floor(Date.now() / 1000) + 86_400 * 5 }] }), ['2 open invitations', 'Ada', 'not used yet, 2 h', 'Somebody', 'Take back', 'Hide', 'It names your node'], { prepare: click('Show the invitation for Ada') }),
  state('peers-given', 'peers', none, ['It is from the node', '“New laptop”', 'Your node will call it at 198.51.100.4:8422 or nas.okke.example:8422 or 1 more address, and it learns from where you call.', 'Your name for it'], { prepare: page => page.getByLabel('Invitation that you were given').fill(GIVEN) }),
  state('peers-refused', 'peers', () => ({ fails: { add: ['peer_banned', 'this peer is banned; allow it first', 'denied'] } }), ['It was not taken', 'You banned that node. Allow it again first.', 'Code peer_banned'], { prepare: async page => { await page.getByLabel('Invitation that you were given').fill(GIVEN); await click('Take it')(page) } }),
  state('peers-no-key', 'peers', () => { const d = scriptedPeers(); return { peers: [], me: { ...d.me, pubkey: null, npub: null, keys: [] } } }, ['Your node cannot say whose it is', 'Make or bring a key', 'No peers yet']),
  state('peers-loading', 'peers', () => ({ waits: ['list'] }), ['Nodes that yours is linked with', 'Asking your node for its peers.'], { isFresh: true, not: ['No peers yet'] }),
  state('peers-error', 'peers', () => ({ fails: { list: ['internal', 'the store is shut', 'store'] } }), ['Your node could not tell its peers', 'The store is shut.', 'Ask again', 'Code internal'], { not: ['No peers yet'] }),
  state('peers-lacking', 'peers', () => ({ isLacking: true }), ['This node links with no peers', 'older than this page'], { not: ['Invite'] }),
  state('peers-offline', 'peers', none, ['Inês at home', 'Three links'], { scene: 'offline' }),
  state('peers-lost', 'peers', none, ['Inês at home', ...LOST], { isLost: true, not: ['Three links'] }),
  state('peers-hostile', 'peers', () => ({
    peers: [
      peer(evil, { label: evil + 'L'.repeat(50), device: 'D'.repeat(63), addresses: ['wss://' + 'h'.repeat(240)], scope: { all: false, authors: 1, inbox: 0, tags: ['<b>' + 't'.repeat(200)] }, faults: [{ kind: 'x'.repeat(80), what: '\u0007<script>alert(2)</script>' + 'w'.repeat(90), count: 9, at_ms: Date.now() + 1e9 }], score: -3, state: 'connected', how: 'z'.repeat(90), origin: 'o'.repeat(90), catchup: { state: 'failed', needed: 0, taken: 0, offered: 0, at_s: null, code: 'c'.repeat(90), has_neg: false } }),
      { ...PEERS()[3], name: null, device: '', state: 'q'.repeat(60), last_end: { code: 'e'.repeat(30), text: '<b>\u2066' + 'e'.repeat(300) } }
    ],
    invitations: [{ label: evil, link: LINK, expires_s: 1 + Math.floor(Date.now() / 1000) + 600 }]
  }), ['<img src=x onerror=alert(1)>', '\\u202e', '\\u2066', '\\u0007<script>'], { isUnfolded: true, not: ['\u202e', '\u2066'] }),

  state('reach', 'reach', none, [
    'How others reach your node', 'By nobody: your node calls others, and nobody can call it.', 'Ways to your node', 'A port for peers', 'Your home network', 'A port of your router', 'Tor', 'A meeting place', 'Passed on by peers', 'Nobody can come to your node, and none of its addresses is known to anybody.',
    'Who is told your addresses', 'Nodes that yours is linked with', 'Everybody', 'Who may link', 'People you and who follow each other', 'What peers may use', 'Chain data', 'Media', 'Messages kept for others', 'Upload for media, kB a second'
  ], { not: ['open', 'ready', 'told to peers'] }),
  state('reach-all', 'reach', () => ({ reach: EVERYWHERE(), settings: ALL_ON() }), [
    'From outside by 2 addresses.', 'wss://0.0.0.0:8422', '2 nodes found', 'open', '203.0.113.20:8422, held for 55 min more', '.onion', 'ready', '4 addresses', 'from your own network, told to peers', 'from the internet, told to peers', 'through Tor, told to peers', 'from this computer only, not told', 'Its control port', 'Names or addresses to tell', 'Open to', 'Where Tor is'
  ], { isUnfolded: true }),
  state('reach-failing', 'reach', () => ({
    settings: ALL_ON(),
    reach: { ...NOWHERE(), is_on: true, why: 'port 8422 is taken by another program', lan: { is_on: true, found: 0, why: 'the network lets no multicast through' }, map_port: { is_on: true, state: 'none', external: null, lease_s: null, why: 'no router in this network opens ports' }, onion: { is_on: true, state: 'failed', address: null, why: 'nothing answers at 127.0.0.1:9051; is Tor running?' }, rendezvous: { is_on: true, state: 'failed', why: 'no node of the table answers' } }
  }), ['not open', 'Port 8422 is taken by another program.', 'nobody found yet', 'The network lets no multicast through.', 'no router answers', 'No router in this network opens ports.', 'failed', 'Nothing answers at 127.0.0.1:9051; is Tor running?', 'No node of the table answers.']),
  state('reach-waiting', 'reach', () => ({ settings: SETTINGS({ lan: true, map_port: true, onion: true, rendezvous: true }), reach: { ...NOWHERE(), lan: { is_on: true, found: 0, why: null }, map_port: { is_on: true, state: 'off', external: null, lease_s: null, why: null }, onion: { is_on: true, state: 'connecting', address: null, why: null }, rendezvous: { is_on: true, state: 'waiting', why: 'nothing is left for others: this node has no signed record of itself' } } }), ['It waits for the port for peers: turn that on first.', 'connecting', 'begins', 'waiting', 'Nothing is left for others: this node has no signed record of itself.']),
  state('reach-run', 'reach', () => ({ reach: { ...NOWHERE(), listen: 'wss://127.0.0.1:40123', is_on: true, addresses: [{ url: 'wss://127.0.0.1:40123', reach: 'loopback', is_told: false }] } }), ['For this run the port is open all the same', 'wss://127.0.0.1:40123', 'from this computer only, not told', 'From this computer only.']),
  state('reach-asks', 'reach', none, ['Let your peers know where you live on the internet?', 'The internet address of your home, and with it about which town', 'to the nodes that yours is linked with, and those whom you invite', 'Ask the router', 'Leave it off'], { prepare: page => page.getByRole('switch', { name: /^A port of your router/ }).click() }),
  state('reach-publishes', 'reach', none, ['Publish where your node is?', 'what was published cannot be called back', 'Publish them'], { prepare: page => page.getByRole('radio', { name: /^Everybody/ }).click() }),
  state('reach-refused', 'reach', () => ({ fails: { set_settings: ['bad_setting', 'the port for peers is taken', 'input'] } }), ['Nothing was changed', 'The port for peers is taken.', 'Code bad_setting'], { prepare: page => page.getByRole('switch', { name: /^Tor/ }).click() }),
  state('reach-locked', 'reach', () => ({ reach: EVERYWHERE(), settings: ALL_ON() }), ['Your keys are sealed', 'signed with your key, and changes once you have unlocked', 'Unlock'], { wallet: { vault: 'locked' } }),
  state('reach-loading', 'reach', () => ({ waits: ['settings'] }), ['How others reach your node'], { isFresh: true, not: ['Ways to your node'] }),
  state('reach-error', 'reach', () => ({ fails: { settings: ['internal', 'the store is shut', 'store'] } }), ['Your node could not tell its settings', 'Code internal', 'Try again']),
  state('reach-lacking', 'reach', () => ({ isLacking: true }), ['This node links with no peers']),
  state('reach-lost', 'reach', none, ['A port for peers', ...LOST], { isLost: true }),
  state('reach-hostile', 'reach', () => ({ settings: { ...ALL_ON(), bind: 'b'.repeat(63) }, reach: { ...EVERYWHERE(), why: evil, addresses: [{ url: 'wss://' + 'u'.repeat(250), reach: 'r'.repeat(60), is_told: true }], map_port: { is_on: true, state: 's'.repeat(60), external: evil + 'e'.repeat(200), lease_s: -5, why: '<b>' + 'y'.repeat(199) } } }), ['<img src=x onerror=alert(1)>', '\\u202e'], { not: ['\u202e'] })
]
