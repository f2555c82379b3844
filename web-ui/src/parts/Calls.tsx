// A call in words, and the calls that it makes, to the last one. Their numbers are those by which warnings name them:
// 2.1 is the first call that the second call makes.
import type { DecodedCall } from '../contract-explain'
import { count, ether } from '../format'
import { CopyText } from './Copy'
import { Tree, Way } from './Explained'

const SHOWN = 2 + 2 * 96 // of 96 bytes in hexadecimal

export const isBlind = (c: DecodedCall): boolean => c.left_out > 0 || (c.name === null && c.data !== '0x') || c.calls.some(isBlind)
export const countCalls = (c: DecodedCall): number => c.calls.reduce((n, inner) => n + countCalls(inner), 1)

function titleOf(c: DecodedCall): string {
  if (c.name !== null) return c.title || c.name
  return c.data === '0x' ? 'No function, no data' : 'A function that this wallet does not know'
}

function Unknown({ c, where }: { c: DecodedCall; where: string }) {
  if (c.data === '0x') return null
  return (
    <>
      {c.selector && (
        <p class="small">
          <span class="mute">Selector </span>
          <code>{c.selector}</code>
        </p>
      )}
      {c.data === null ? (
        <p class="small mute">Its data is too long to stand here. It is in the raw bytes of the whole.</p>
      ) : (
        <>
          <code class="raw">{c.data.length > SHOWN ? `${c.data.slice(0, SHOWN)}…` : c.data}</code>
          <p>
            <CopyText value={c.data} what={`of ${where}`} label="Copy data" />
          </p>
        </>
      )}
    </>
  )
}

// The depth and the number of calls are bounded where they are read.
export function Call({ c, at = '' }: { c: DecodedCall; at?: string }) {
  const where = at ? `call ${at}` : 'the call'
  return (
    <>
      <p class="line based">
        {at && <span class="badge">{where}</span>}
        <b>{titleOf(c)}</b>
      </p>
      <Way word={c.name === null && c.data === '0x' ? 'to' : 'of'} address={c.contract ?? 'an address that is not named'} />
      {c.signature && <p class="call mute">{c.signature}</p>}
      {c.value !== null && <p class="small">with {ether(c.value)}</p>}
      {c.name === null ? <Unknown c={c} where={where} /> : c.args.length > 0 && <Tree nodes={c.args} />}
      {c.calls.length > 0 && (
        <ol class="calls" aria-label={`Calls that ${where} makes`}>
          {c.calls.map((inner, i) => (
            <li key={i}>
              <Call c={inner} at={at ? `${at}.${i + 1}` : String(i + 1)} />
            </li>
          ))}
        </ol>
      )}
      {c.left_out > 0 && (
        <p class="small">
          <b>{count(c.left_out, 'more call')}</b> that {where} makes {c.left_out === 1 ? 'is' : 'are'} not shown: what {c.left_out === 1 ? 'it does' : 'they do'} cannot be told.
        </p>
      )}
    </>
  )
}
