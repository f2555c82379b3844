// The frame around every screen: rail (a bottom bar on a phone), top bar with the trust pill, and the
// banner that says that the page lost the node.
import type { ComponentChildren } from 'preact'
import { clockTime, upperFirst } from '../format'
import { Icon, type IconName } from '../icons'
import { attestNews, daoNews, link, retryNow, socialMe, socialNew, unread } from '../node'
import { route, type Screen } from '../route'
import { said } from '../say'
import { nextTheme, switchTheme, theme } from '../theme'
import { mood, networkName } from '../view'
import { Find } from './Find'
import { AccountState, NeedsYou } from './NeedsYou'
import { Sheet } from './Sheet'
import { Until } from './Time'
import { TrustPill } from './Trust'

const PLACES: { screens: Screen[]; href: string; icon: IconName; name: string }[] = [
  { screens: ['home'], href: '#/', icon: 'home', name: 'Home' },
  { screens: ['feed', 'thread', 'author', 'notifications', 'messages', 'search', 'moderation'], href: '#/feed', icon: 'feed', name: 'Feed' },
  { screens: ['identity', 'attestation', 'issue', 'verify', 'did', 'circle', 'schemas'], href: '#/identity', icon: 'id', name: 'Identity' },
  { screens: ['governance', 'community', 'proposal', 'recount', 'propose', 'found', 'polls', 'poll', 'notices', 'check'], href: '#/governance', icon: 'gov', name: 'Votes' },
  { screens: ['look', 'block', 'tx', 'account'], href: '#/look', icon: 'look', name: 'Look up' },
  { screens: ['wallet', 'permissions', 'devices', 'settings'], href: '#/wallet', icon: 'wallet', name: 'Wallet' },
  { screens: ['connect'], href: '#/connect', icon: 'plug', name: 'Connect' },
  { screens: ['network', 'peers', 'reach'], href: '#/network', icon: 'net', name: 'Network' },
  { screens: ['help'], href: '#/help', icon: 'help', name: 'Help' }
]

export function Brand() {
  return (
    <a class="brand" href="#/" aria-label="Hearth, home">
      <Icon name="hearth" />
      <span>Hearth</span>
    </a>
  )
}

// Of what somebody wrote to the reader; what those they follow wrote waits without a number.
function NewCount({ n }: { n: number }) {
  if (n === 0) return null
  return (
    <span class="count">
      {n > 99 ? '99+' : n}
      <span class="sr"> new</span>
    </span>
  )
}

function Rail() {
  const here = route.value.screen
  // A node without a module has none of its topics, and no such place.
  const places = PLACES.filter(p => (p.href !== '#/feed' || socialMe.value) && (p.href !== '#/identity' || attestNews.value) && (p.href !== '#/governance' || daoNews.value))
  return (
    <div class="rail">
      <Brand />
      <nav aria-label="Main">
        <ul>
          {places.map(({ screens, href, icon, name }) => (
            <li key={href}>
              <a href={href} aria-current={screens.includes(here) ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{name}</span>
                {href === '#/feed' && <NewCount n={(socialNew.value?.notifications ?? 0) + (socialNew.value?.messages ?? 0)} />}
                {href === '#/governance' && <NewCount n={unread.value} />}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <footer role="contentinfo">
        <span>{networkName.value ? `${networkName.value} · this computer` : 'This computer'}</span>
      </footer>
    </div>
  )
}

function ThemeSwitch() {
  const name = `Theme: ${theme.value}. Switch to ${nextTheme()}`
  return (
    <button class="btn quiet icon" type="button" aria-label={name} title={upperFirst(theme.value)} onClick={switchTheme}>
      <Icon name={theme.value} />
    </button>
  )
}

function LostBanner() {
  const l = link.value
  if (l.s !== 'lost') return null
  return (
    <div class="banner">
      <Icon name="off" />
      <span>
        <b role="status">Node unreachable since {clockTime(l.since)}</b>,{' '}
        {l.retry_at === null ? 'trying now' : <>retrying in <Until at={l.retry_at} /></>}
      </span>
      <button class="btn s" type="button" onClick={retryNow}>
        Retry now
      </button>
    </div>
  )
}

function toMain(event: Event): void {
  // The hash belongs to the router, so the jump is made by hand.
  event.preventDefault()
  document.getElementById('main')?.focus()
}

export function Frame({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main" onClick={toMain}>
        Skip to content
      </a>
      <div class={mood.value === 'lost' ? 'frame dim' : 'frame'}>
        <Rail />
        <div>
          <header class="top">
            <TrustPill />
            {route.value.screen !== 'look' && <Find />}
            <ThemeSwitch />
            <NeedsYou />
            <AccountState />
          </header>
          <main class="page" id="main" tabIndex={-1}>
            <LostBanner />
            {children}
          </main>
        </div>
      </div>
      <Sheet />
      <p class="sr" role="status">
        {said.value}
      </p>
    </>
  )
}
