// Ages as leaves of the tree: only these few characters are drawn again each second.
import { brief, span } from '../format'
import { nodeNow, now } from '../clock'

// Age of something the node dated, by the node's clock.
export function Age({ since, short = false }: { since: number; short?: boolean }) {
  return <>{(short ? brief : span)(nodeNow.value - since)}</>
}

// Age of something this page saw, by this page's clock.
export function Ago({ since }: { since: number }) {
  const ms = now.value - since
  return <>{ms < 5000 ? 'now' : brief(ms)}</>
}

// Time to something this page plans.
export function Until({ at }: { at: number }) {
  return <>{brief(at - now.value + 500)}</>
}

// Time to something the node dated.
export function Left({ until }: { until: number }) {
  return <>{span(until - nodeNow.value).replace(/ \d+ s$/, '')}</>
}
