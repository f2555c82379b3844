// A QR code of a text, dark on white in either theme: readers of codes want it so.
import { useMemo } from 'preact/hooks'
import { qrOf } from '../qr'

const QUIET = 4

export function Qr({ text, label }: { text: string; label: string }) {
  const code = useMemo(() => qrOf(text), [text])
  if (!code) return <p class="small mute">The link is too long for a picture that a telephone could read. Copy it instead.</p>
  const size = code.length + 2 * QUIET
  const runs = code.flatMap((row, r) => [...row.map(d => (d ? '1' : '0')).join('').matchAll(/1+/g)].map(run => `M${run.index + QUIET} ${r + QUIET}h${run[0].length}v1h-${run[0].length}z`))
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={runs.join('')} fill="#000" />
    </svg>
  )
}
