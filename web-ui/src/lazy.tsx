// Areas of the page that the first load leaves out. Each is one script, fetched when the page has nothing else
// to do, or when somebody goes there first. What cannot be fetched says so and can be tried again.
import { effect, signal, type Signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { CopyCode } from './parts/Copy'
import { Waiting } from './parts/Facts'
import { Note } from './parts/Notes'
import { link } from './node'

interface Area {
  load(): Promise<boolean> // whether it is here now
  isMissing: Signal<boolean>
}
const areas: Area[] = []

function Missing({ area }: { area: Area }) {
  // A script that is asked for again and still missing, while the node answers, is of an older page than the
  // node's: only the whole page loaded anew can have the right one.
  const again = (): void => void area.load().then(isHere => !isHere && link.peek().s === 'open' && location.reload())
  return (
    <section class="card" aria-label="Not loaded">
      <div class="body">
        <Note tone="bad" icon="failed" title="This part of the page did not load">
          <span>Your node did not hand it out. Nothing was changed. It is tried again when the node is back.</span>
          <span class="line">
            <button class="btn s" type="button" onClick={again}>
              Try again
            </button>
            <CopyCode code="part_missing" />
          </span>
        </Note>
      </div>
    </section>
  )
}

function Pending({ area, title }: { area: Area; title: string }) {
  const [begun] = useState(Date.now)
  useEffect(() => void area.load(), [])
  return (
    <>
      <header>
        <h1 tabIndex={-1}>{title}</h1>
      </header>
      {area.isMissing.value ? (
        <Missing area={area} />
      ) : (
        <Waiting begun={begun} label="Loading">
          Loading this part of the page from your node.
        </Waiting>
      )}
    </>
  )
}

// `bring` imports the area's module; the answer makes a screen of each name it exports. Until it is here, `title`
// (or the name of the screen) is the heading.
export function area<N extends string>(bring: () => Promise<Record<N, ComponentType>>): (name: N, title?: string) => ComponentType {
  const here = signal<Record<N, ComponentType> | null>(null)
  const isMissing = signal(false)
  let under: Promise<boolean> | null = null
  const mine: Area = {
    isMissing,
    // Ending and saying so are one step: drawing what is said may ask again at once.
    load() {
      if (!under) {
        isMissing.value = false
        under = bring().then(
          all => {
            here.value = all
            return true
          },
          () => {
            under = null
            isMissing.value = true
            return false
          }
        )
      }
      return under
    }
  }
  areas.push(mine)
  return (name, title) => () => {
    const Screen: ComponentType | undefined = here.value?.[name]
    return Screen ? <Screen /> : <Pending area={mine} title={title ?? name} />
  }
}

// After the first drawing, one after the other, so that going to a screen never waits.
export function fetchAreas(): void {
  // Not every browser says when it is idle.
  const idle = (run: () => void): unknown => ('requestIdleCallback' in window ? requestIdleCallback(run, { timeout: 2000 }) : setTimeout(run, 200))
  const next = (list: Area[]): void => {
    const [first, ...rest] = list
    if (first) idle(() => void first.load().then(() => next(rest)))
  }
  next(areas)
  effect(() => {
    if (link.value.s === 'open') for (const a of areas) if (a.isMissing.peek()) void a.load()
  })
}
