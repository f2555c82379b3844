// Routes live in the hash: #/, #/network, #/help. A second part names a place on the screen
// (#/network/evidence) that is focused after it was drawn.
import { signal } from '@preact/signals'

export type Screen = 'home' | 'network' | 'help'
export interface Route {
  screen: Screen
  part: string | null
}

function parse(hash: string): Route | null {
  const found = /^#\/([a-z]*)(?:\/([a-z0-9-]+))?$/.exec(hash)
  if (!found) return null
  const screen = found[1] === 'network' || found[1] === 'help' ? found[1] : 'home'
  return { screen, part: found[2] ?? null }
}

export const route = signal<Route>(parse(location.hash) ?? { screen: 'home', part: null })

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
