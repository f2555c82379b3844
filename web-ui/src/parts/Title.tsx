// The one h1 of a screen and the line under it. It takes the focus when the route changes, so that a
// keyboard or a screen reader starts at the new screen's answer.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { route, type Route } from '../route'

let drawn = 0

export function Title({ tab, children, lede }: { tab: string; children: ComponentChildren; lede?: ComponentChildren }) {
  const h1 = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${tab} · Hearth`
  }, [tab])
  useEffect(() => {
    // Not on the first screen: the browser decides where a fresh page starts.
    if (drawn++ === 0) return
    const { part } = route.peek()
    if (part && document.getElementById(`${part}-h`)) return // usePart() goes there
    scrollTo(0, 0)
    h1.current?.focus({ preventScroll: true })
  }, [])
  return (
    <header>
      <h1 tabIndex={-1} ref={h1}>
        {children}
      </h1>
      {lede && <p class="lede">{lede}</p>}
    </header>
  )
}

// Brings the part that the route names into view, as soon as it is drawn.
export function usePart(): void {
  const asked = route.value
  const done = useRef<Route | null>(null)
  // After every drawing, because the part may come with a later push than the route.
  useEffect(() => {
    if (!asked.part || done.current === asked) return
    const heading = document.getElementById(`${asked.part}-h`)
    if (!heading) return
    done.current = asked
    heading.focus()
    heading.scrollIntoView({ block: 'start' })
  })
}
