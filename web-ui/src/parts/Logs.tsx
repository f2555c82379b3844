// The logs of a transaction, as they are: which contract wrote them, their topics, their data. Nobody
// proves what a topic means, so none is given a name.
import { useSignal } from '@preact/signals'
import { group } from '../format'
import type { Log } from '../contract-chain'
import { Hash } from './Copy'
import { AddressRef, Bytes } from './Ref'

const FIRST = 20

function One({ log, n }: { log: Log; n: number }) {
  const name = `Log ${group(log.logIndex ?? n)}`
  return (
    <li>
      <div class="stack tight">
        <div class="line apart">
          <b>{name}</b>
          <span>
            by <AddressRef a={log.address} />
          </span>
        </div>
        {log.topics.length > 0 && (
          <ol class="topics" aria-label={`Topics of ${name}`}>
            {log.topics.map((t, i) => (
              <li key={i}>
                <span class="small mute">Topic {i}</span> <Hash value={t} what={`Topic ${i} of ${name}`} />
              </li>
            ))}
          </ol>
        )}
        {log.data === '0x' ? <span class="small mute">no data</span> : <Bytes hex={log.data} what={`data of ${name}`} show={64} />}
      </div>
    </li>
  )
}

export function Logs({ list }: { list: Log[] }) {
  const all = useSignal(false)
  const shown = all.value ? list : list.slice(0, FIRST)
  return (
    <>
      <ul class="rows plain" aria-label="Logs">
        {shown.map((log, i) => (
          <One key={i} log={log} n={i} />
        ))}
      </ul>
      {shown.length < list.length && (
        <footer>
          <button class="btn s" type="button" onClick={() => (all.value = true)}>
            Show {list.length - shown.length} more
          </button>
        </footer>
      )}
    </>
  )
}
