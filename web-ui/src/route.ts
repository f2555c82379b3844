// Routes live in the hash: #/, #/network, #/account/0x…. A second part names either what the screen is
// about (its argument) or a place on it (#/network/evidence) that is focused after it was drawn.
import { signal } from '@preact/signals'

const SCREENS = ['home', 'look', 'block', 'tx', 'account', 'wallet', 'permissions', 'devices', 'settings', 'connect', 'network', 'peers', 'reach', 'help', 'feed', 'thread', 'author', 'notifications', 'messages', 'search', 'moderation', 'identity', 'attestation', 'issue', 'verify', 'did', 'circle', 'schemas', 'governance', 'community', 'proposal', 'recount', 'propose', 'found', 'polls', 'poll', 'notices', 'check'] as const
export type Screen = (typeof SCREENS)[number]
export interface Route {
  screen: Screen
  part: string | null
  arg: string | null
}

export const HASH = /^0x[0-9a-fA-F]{64}$/
export const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const BLOCK = /^(?:latest|finalized|\d{1,15}|0x[0-9a-fA-F]{64})$/
const EVENT = /^[0-9a-f]{64}$/
export const PERSON = /^(?:[0-9a-f]{64}|npub1[02-9ac-hj-np-z]{58})$/
// A group is named by one of it and the beginnings of the others' keys.
const TALK = /^(?:[0-9a-f]{64}|npub1[02-9ac-hj-np-z]{58}|[0-9a-f]{64}(?:\.[0-9a-f]{8}){1,24})$/
const PROPOSAL = /^0x[0-9a-fA-F]{40}\.\d{1,78}$/
const ARGS: Partial<Record<Screen, RegExp>> = {
  look: /^/, block: BLOCK, tx: HASH, account: ADDRESS,
  feed: /^(?:all|bookmarks|media|drafts)$/, thread: EVENT, author: PERSON, messages: TALK, search: /^/,
  community: ADDRESS, propose: ADDRESS, proposal: PROPOSAL, recount: PROPOSAL, poll: EVENT, found: /^[\w-]{1,80}$/,
  attestation: /^0x[0-9a-fA-F]{40}\.0x[0-9a-fA-F]{64}$/, issue: HASH, did: /^did:/, circle: /^(?:0x[0-9a-fA-F]{40}|[0-9a-f]{64})$/
}
const FEEDS: Screen[] = ['feed', 'thread', 'author', 'messages', 'search']
const IDENTITY: Screen[] = ['attestation', 'issue', 'did', 'circle']
const GOVERNANCE: Screen[] = ['community', 'propose', 'proposal', 'recount', 'poll', 'found']
const ALONE: Screen[] = ['found', 'look', 'feed', 'messages', 'search', 'issue', 'did', 'circle'] // with and without an argument

const HOME: Route = { screen: 'home', part: null, arg: null }

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function parse(hash: string): Route | null {
  const found = /^#\/([a-z]*)(?:\/([^/]{1,300}))?$/.exec(hash)
  if (!found) return null
  const screen = SCREENS.find(s => s === found[1])
  const rest = found[2] ? decoded(found[2]) : null
  if (!screen) return HOME
  const form = ARGS[screen]
  if (!form) return { screen, part: rest && /^[a-z0-9-]+$/.test(rest) ? rest : null, arg: null }
  // A page about something that is none says so where one can type again.
  const isGood = rest === null ? ALONE.includes(screen) : form.test(rest)
  return { screen: isGood ? screen : FEEDS.includes(screen) ? 'search' : IDENTITY.includes(screen) ? 'identity' : GOVERNANCE.includes(screen) ? 'governance' : 'look', part: null, arg: isGood || ![...IDENTITY, ...GOVERNANCE].includes(screen) ? rest : null }
}

export const route = signal<Route>(parse(location.hash) ?? HOME)

export function startRouter(): void {
  addEventListener('hashchange', () => {
    // Hashes that are no route, like #main of the skip link, leave the screen as it is.
    const next = parse(location.hash)
    if (next) route.value = next
  })
  // A link to the place one is at changes no hash, but should bring that place into view again.
  document.addEventListener('click', event => {
    const a = event.target instanceof Element ? event.target.closest('a') : null
    if (a && a.getAttribute('href') === location.hash) route.value = { ...route.value }
  })
}

export function goTo(href: string): void {
  if (location.hash === href) route.value = { ...route.value }
  else location.hash = href
}

// Without a step in the history: "back" should not lead to a place that only leads on.
export function leadOn(href: string): void {
  location.replace(href)
}
