// What happened while this page was open, newest first. Each entry comes from a change the node told
// or from this page's own connection; nothing is made up to fill the list.
import { effect, signal } from '@preact/signals'
import type { Header } from './contract'
import { lowerFirst } from './format'
import type { IconName } from './icons'
import { link, providers, status } from './node'
import { mood, newestFault, type Mood } from './view'

export interface Happening {
  id: number
  at: number // this page's wall clock
  icon: IconName
  bad: boolean
  title: string
  detail: string
  header: Header | null // the value the entry speaks of, shown with its mark
  href: string | null
}

const MAX = 20
export const happenings = signal<Happening[]>([])
let nextId = 1

function add(entry: Partial<Happening> & Pick<Happening, 'icon' | 'title' | 'detail'>): void {
  const full: Happening = { bad: false, header: null, href: null, at: Date.now(), ...entry, id: nextId++ }
  happenings.value = [full, ...happenings.peek()].sort((a, b) => b.at - a.at || b.id - a.id).slice(0, MAX)
}

function onMood(next: Mood, before: Mood): void {
  const head = status.peek()?.head ?? null
  switch (next) {
    case 'live':
      if (head) {
        const detail = head.participants ? `Signed by ${head.participants} of ${head.committee_size} at` : 'Vouched for by the checkpoint, at'
        add({ icon: 'proven', title: before === 'stale' ? 'The head moves again' : 'The head is live', detail, header: head })
      }
      break
    case 'stale':
      add({ icon: 'stale', title: 'The head stopped moving', detail: 'Nothing newer was proven than', header: head })
      break
    case 'offline':
      add({ icon: 'off', title: 'No provider answers', detail: 'Your node goes on asking' })
      break
    case 'lost':
      add({ icon: 'off', title: 'The page lost the node', detail: 'Values on the page grew old from here' })
      break
    case 'error':
      add({ icon: 'failed', bad: true, title: 'Your node stopped and needs you', detail: status.peek()?.why ?? '' })
      break
    case 'syncing':
      add({ icon: 'sync', title: 'Syncing began', detail: 'Sync committees are proven one after the other' })
      break
    case 'starting':
    case 'loading':
    case 'out':
      break
  }
}

function watchMood(): void {
  let before: Mood = mood.peek()
  effect(() => {
    const next = mood.value
    if (next !== before) onMood(next, before)
    before = next
  })
}

function watchPeriod(): void {
  let before: number | null = null
  effect(() => {
    const number = status.value?.period?.number ?? null
    if (number !== null && before !== null && number > before && mood.peek() === 'live') {
      add({ icon: 'net', title: `Sync committee period ${number} began`, detail: 'Its committee was proven by the one before' })
    }
    if (number !== null) before = number
  })
}

function watchProviders(): void {
  const known = new Map<string, number>()
  const lied = new Set<string>()
  effect(() => {
    for (const p of providers.value ?? []) {
      const id = String(p.id)
      const fault = newestFault(p)
      if (fault && fault.at_ms > (known.get(id) ?? 0)) {
        known.set(id, fault.at_ms)
        add({
          at: fault.at_ms,
          icon: 'failed',
          bad: true,
          title: `${p.name} sent a false answer and was dropped`,
          detail: `You never saw the value: ${lowerFirst(fault.reason)}`,
          href: '#/network/evidence'
        })
      }
      if (p.state === 'lied') lied.add(id)
      else if (lied.delete(id)) add({ icon: 'check', title: `${p.name} is trusted again`, detail: 'By your word' })
    }
  })
}

function watchLink(): void {
  let wasLost = false
  effect(() => {
    const s = link.value.s
    if (s === 'open' && wasLost) add({ icon: 'check', title: 'The page reached the node again', detail: 'Every value is new' })
    wasLost = s === 'lost' || (wasLost && s !== 'open')
  })
}

export function startEvents(): void {
  watchLink()
  watchMood()
  watchPeriod()
  watchProviders()
}
