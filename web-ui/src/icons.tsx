const LOCK = 'M7 10.5h10a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-5.5a2 2 0 0 1 2-2z'
const PLUG = 'M9 3.5V8M15 3.5V8M6.5 8h11v3a5.5 5.5 0 0 1-5.5 5.5v0A5.5 5.5 0 0 1 6.5 11zM12 16.5v4'

// The icons of the design, as paths. An icon never stands alone for a meaning: a word is beside it or
// in the name of its control.
const PATHS = {
  proven: ['M12 3l2.4 1.8 3-.2.8 2.9 2.5 1.7L19.6 12l1.1 2.8-2.5 1.7-.8 2.9-3-.2L12 21l-2.4-1.8-3 .2-.8-2.9-2.5-1.7L4.4 12 3.3 9.2l2.5-1.7.8-2.9 3 .2z', 'm8.5 12 2.5 2.5 4.5-5'],
  unproven: ['M15 4.1a8.5 8.5 0 0 1 4.4 3.7M20.5 12a8.5 8.5 0 0 1-2 5.5M15 19.9a8.5 8.5 0 0 1-6 0M5.5 17.5A8.5 8.5 0 0 1 3.5 12M4.6 7.8A8.5 8.5 0 0 1 9 4.1', 'M9.8 9.8a2.3 2.3 0 1 1 3.3 2.1c-.7.3-1.1.8-1.1 1.6M12 16.2v.1'],
  sync: ['M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 12a8 8 0 0 1-13.7 5.6L4 15.5', 'M20 4v4.5h-4.5M4 20v-4.5h4.5'],
  stale: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M12 7.5V12l3 2'],
  id: ['M5.5 5h13a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z', 'M9 8.75a2.25 2.25 0 1 0 0 4.5 2.25 2.25 0 0 0 0-4.5zM5.8 16.2c.7-1.5 1.8-2.2 3.2-2.2s2.5.7 3.2 2.2M15 10h3M15 13.5h3'],
  off: [PLUG, 'm3.5 20.5 17-17'],
  failed: ['M8.3 3.5h7.4l4.8 4.8v7.4l-4.8 4.8H8.3l-4.8-4.8V8.3z', 'm9.2 9.2 5.6 5.6M14.8 9.2l-5.6 5.6'],
  warn: ['M12 4 2.8 19.5h18.4z', 'M12 10v4.5M12 17v.1'],
  right: ['m9.5 6 6 6-6 6'],
  check: ['m5 12.5 4.5 4.5L19 7'],
  copy: ['M10.5 8.5H18a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2h-7.5a2 2 0 0 1-2-2v-7.5a2 2 0 0 1 2-2z', 'M5.5 15.5H5A1.5 1.5 0 0 1 3.5 14V5A1.5 1.5 0 0 1 5 3.5h9A1.5 1.5 0 0 1 15.5 5v.5'],
  home: ['M4 11.5 12 4l8 7.5V19a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 19z', 'M9.5 20.5V16a2.5 2.5 0 0 1 5 0v4.5'],
  net: ['M12 3.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM5 15.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM19 15.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 11.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z', 'M12 7.5v4M10.7 13.9 6.7 16.5M13.3 13.9l4 2.6'],
  help: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M9.8 9.8a2.3 2.3 0 1 1 3.3 2.1c-.7.3-1.1.8-1.1 1.6M12 16.2v.1'],
  hearth: ['M3 21h18M4.5 21V10.5a7.5 7.5 0 0 1 15 0V21', 'M12 9c.4 2 3.2 3.2 3.2 6.3a3.2 3.2 0 0 1-6.4 0c0-1.5.8-2.3 1.4-3 .3 1 .8 1.4 1.2 1.4.9-1.2.9-3 .6-4.7z'],
  inbox: ['M4 13 6 5.5h12L20 13v5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18z', 'M4 13h4.5a3.5 3.5 0 0 0 7 0H20'],
  look: ['M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z', 'm15.5 15.5 4.5 4.5'],
  wallet: ['M4 7.5v10a2 2 0 0 0 2 2h12.5a1.5 1.5 0 0 0 1.5-1.5V10a1.5 1.5 0 0 0-1.5-1.5h-13A1.5 1.5 0 0 1 4 7a2 2 0 0 1 2-2h11v3.5', 'M20 12h-3.5a2 2 0 0 0 0 4H20'],
  block: ['M12 3.5 19.5 7.5v9L12 20.5 4.5 16.5v-9z', 'M4.5 7.5 12 11.5l7.5-4M12 11.5v9'],
  out: ['M7 17 17 7M8.5 7H17v8.5'],
  in: ['M17 7 7 17M15.5 17H7V8.5'],
  left: ['m14.5 6-6 6 6 6'],
  save: ['M12 4v10.5M7.5 10.5 12 15l4.5-4.5', 'M4.5 19.5h15'],
  lock: [LOCK, 'M8 10.5V8a4 4 0 0 1 8 0v2.5'],
  unlock: [LOCK, 'M8 10.5V8a4 4 0 0 1 7.7-1.5'],
  plug: [PLUG],
  pen: ['M4.5 19.5l1-4.5L16.5 4l3.5 3.5L9 18.5z'],
  x: ['m6 6 12 12M18 6 6 18'],
  key: ['M8 11.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'm11 12.5 8.5-8.5M16 7.5l2.5 2.5M13.5 10l1.5 1.5'],
  gov: ['M12 3.5v17M8 20.5h8M5 7l7-1.5L19 7', 'M5 7 2.5 13.5a2.8 2.8 0 0 0 5 0zM19 7l-2.5 6.5a2.8 2.8 0 0 0 5 0z'],
  feed: ['M5 4.5h14A1.5 1.5 0 0 1 20.5 6v9a1.5 1.5 0 0 1-1.5 1.5h-7L7.5 20v-3.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5z', 'M7.5 8.5h9M7.5 12h5.5'],
  reply: ['M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6v1'],
  repost: ['M4 13V9.5A2.5 2.5 0 0 1 6.5 7H17M14 4l3 3-3 3M20 11v3.5a2.5 2.5 0 0 1-2.5 2.5H7M10 20l-3-3 3-3'],
  like: ['M12 19.5S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 19.5 12 19.5z'],
  sign: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M8.5 14a4 4 0 0 0 7 0M9 9.6v.1M15 9.6v.1'],
  more: ['M5.5 12h.1M12 12h.1M18.5 12h.1'],
  image: ['M5.5 5h13a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z', 'm3.5 16 5-5 5.5 5.5 2.5-2.5 4 4'],
  light: ['M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4'],
  dark: ['M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z'],
  system: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M12 3.5v17a8.5 8.5 0 0 0 0-17z']
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="i" viewBox="0 0 24 24" aria-hidden="true">
      {PATHS[name].map((d, at) => (
        <path key={d} d={d} fill={name === 'system' && at === 1 ? 'currentColor' : undefined} />
      ))}
    </svg>
  )
}

// The tile of an empty place: the same folded quarter as a person's tile, with no key behind it.
const QUARTER = (
  <>
    <path class="t1" d="M1 0l1 1-1 1-1-1z" />
    <path class="t1" d="M2 2v-2a2 2 0 0 1 2 2z" />
    <path class="t2" d="M1 2l1 1-1 1-1-1z" />
    <path class="t1" d="M4 2v2a2 2 0 0 1-2-2z" />
  </>
)
const FOLDS = ['matrix(1 0 0 1 0 0)', 'matrix(-1 0 0 1 8 0)', 'matrix(1 0 0 -1 0 8)', 'matrix(-1 0 0 -1 8 8)']

export function EmptyTile() {
  return (
    <svg class="tile" viewBox="0 0 8 8" aria-hidden="true">
      {FOLDS.map(fold => (
        <g key={fold} transform={fold}>
          {QUARTER}
        </g>
      ))}
    </svg>
  )
}

// The tile of an account: which of these are in its quarter, and in which strength, its last digits say.
const CELLS = ['M0 0h2v2H0z', 'M2 0h2a2 2 0 0 1-2 2z', 'M3 0l1 1-1 1-1-1z', 'M2 2v2a2 2 0 0 1-2-2z', 'M2 2h2v2H2z', 'M4 2v2a2 2 0 0 1-2-2z', 'M0 2v2h2z', 'M0 0h2a2 2 0 0 1-2 2z']

export function Tile({ of, small = false }: { of: string; small?: boolean }) {
  const bits = parseInt(of.slice(-6), 16)
  return (
    <svg class={small ? 'tile s' : 'tile'} viewBox="0 0 8 8" aria-hidden="true">
      {FOLDS.map(fold => (
        <g key={fold} transform={fold}>
          {CELLS.map((d, i) => (bits >> i) & 1 && <path key={d} class={(bits >> (8 + i)) & 1 ? 't1' : 't2'} d={d} />)}
        </g>
      ))}
    </svg>
  )
}
