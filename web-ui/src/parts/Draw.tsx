// Drawings by hand in SVG. Each has a text alternative; widths are SVG attributes, because style
// attributes are forbidden here.
import type { HeadAges, Slots } from '../contract'
import { brief, millis } from '../format'

export function Bar({ share, label }: { share: number; label: string }) {
  const w = Math.round(600 * Math.max(0, Math.min(1, share)))
  return (
    <svg class="draw" viewBox="0 0 600 8" role="img" aria-label={label}>
      <rect class="d-track" width="600" height="8" rx="4" />
      {w > 0 && <rect class="d-a" width={Math.max(w, 8)} height="8" rx="4" />}
    </svg>
  )
}

export function ScoreBar({ score, bad }: { score: number; bad: boolean }) {
  const w = Math.round((64 * Math.max(0, Math.min(100, score))) / 100)
  return (
    <svg class="w" width="64" height="8" viewBox="0 0 64 8" aria-hidden="true">
      <rect class="d-track" width="64" height="8" rx="4" />
      <rect class={bad ? 'd-bad' : score < 60 ? 'd-a2' : 'd-a'} width={Math.max(w, 4)} height="8" rx="4" />
    </svg>
  )
}

type SlotState = 'f' | 's' | 'm' | '?'
const NAMES: [SlotState, string][] = [['f', 'finalized'], ['s', 'signed'], ['m', 'missed'], ['?', 'not seen']]

function Square({ s, x, y }: { s: SlotState; x: number; y: number }) {
  if (s === 'f') return <rect class="d-a" x={x} y={y} width="10" height="10" rx="2.5" />
  if (s === 's') return <rect class="d-wait" x={x + 0.5} y={y + 0.5} width="9" height="9" rx="2" />
  if (s === 'm') return <rect class="d-hole" x={x + 0.75} y={y + 0.75} width="8.5" height="8.5" rx="2" />
  return <circle class="d-ink" cx={x + 5} cy={y + 5} r="1.5" />
}

// One square a slot, 32 in a row, newest at the end.
export function SlotStrip({ slots, slotMs }: { slots: Slots | null; slotMs?: number }) {
  const all = [...(slots?.states ?? '')].slice(-96).map((c): SlotState => (c === 'f' || c === 's' || c === 'm' ? c : '?'))
  if (!all.length) return <p class="small mute">No slot seen yet.</p>
  const rows = Math.ceil(all.length / 32)
  const counts = NAMES.map(([s, name]) => [all.filter(x => x === s).length, name] as const).filter(([n]) => n > 0)
  const present = NAMES.filter(([s]) => s === 'f' || s === 's' || all.includes(s))
  return (
    <>
      <svg class="draw" viewBox={`0 0 382 ${rows * 12 - 2}`} role="img"
        aria-label={`The last ${all.length} slots: ${counts.map(([n, name]) => `${n} ${name}`).join(', ')}`}>
        {all.map((s, i) => (
          <Square key={i} s={s} x={(i % 32) * 12} y={Math.floor(i / 32) * 12} />
        ))}
      </svg>
      <div class="line apart">
        <span class="line">
          {present.map(([s, name]) => (
            <span class="key" key={s}>
              <svg viewBox="0 0 10 10" aria-hidden="true">
                <Square s={s} x={0} y={0} />
              </svg>
              {name}
            </span>
          ))}
        </span>
        {slotMs && (
          <span class="small mute">
            {all.length} slots, {brief(all.length * slotMs)}, newest at the end
          </span>
        )}
      </div>
    </>
  )
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

export function Sparkline({ ages }: { ages: HeadAges }) {
  const delays = ages.points.map(([, delay]) => Math.max(0, delay))
  const most = Math.max(...delays, 1)
  const at = (delay: number, i: number): string =>
    `${((240 * i) / Math.max(1, delays.length - 1)).toFixed(1)} ${(46 - (40 * delay) / most).toFixed(1)}`
  const path = delays.map(at).join('L')
  return (
    <svg class="draw spark" viewBox="0 0 240 48" height="48" preserveAspectRatio="none" role="img"
      aria-label={`Delay of the last ${delays.length} heads: median ${millis(median(delays))}, at most ${millis(most)}`}>
      <path class="d-grid" d="M0 47.5H240" fill="none" />
      <path class="d-soft" d={`M0 48L${path}L240 48z`} />
      <path class="d-line" d={`M${path}`} />
    </svg>
  )
}
