// A DID's history in words, newest first. It is whole: the registry names the block of each change, and every block's
// receipts were proven.
import type { Change } from '../contract-identity'
import { count } from '../format'
import { nodeNow } from '../clock'
import { plainLine } from '../plain'
import { FAR_S } from '../contract-identity'
import { Whose, when } from './AttestStatus'
import { Card } from './Card'
import { BlockRef } from './Ref'

const PURPOSES: Record<string, string> = { veriKey: 'sign claims', sigAuth: 'sign in and sign claims', enc: 'be written to in secret' }

function attributeWords(name: string): string {
  const [did, kind, rest = '', purpose = ''] = name.split('/')
  if (did !== 'did') return `the attribute ${plainLine(name)}`
  if (kind === 'svc') return `the service ${plainLine(rest) || 'without a name'}`
  if (kind === 'pub') return `a ${plainLine(rest)} key, to ${PURPOSES[purpose] ?? plainLine(purpose)}`
  return `the attribute ${plainLine(name)}`
}

function Words({ c }: { c: Change }) {
  if (c.kind === 'owner') {
    if (c.owner && /^0x0{40}$/.test(c.owner)) return <>It was given up: nobody controls it any more.</>
    return (
      <>
        The controller became <Whose a={c.owner} />.
      </>
    )
  }
  const isOver = c.valid_to !== null && c.valid_to * 1000 <= nodeNow.value
  const until = c.valid_to === null || c.valid_to > FAR_S ? 'for good' : isOver ? `until ${when(c.valid_to)}, which is over` : `until ${when(c.valid_to)}`
  // Revoking is written as an end that is no later than the change.
  const isRevoked = c.valid_to !== null && c.time > 0 && c.valid_to <= c.time
  if (c.kind === 'delegate') {
    const may = PURPOSES[c.type ?? ''] ?? `act as ${plainLine(c.type ?? 'a delegate')}`
    return isRevoked ? (
      <>
        <Whose a={c.delegate} /> may no longer {may}.
      </>
    ) : (
      <>
        <Whose a={c.delegate} /> may {may}, {until}.
      </>
    )
  }
  const what = attributeWords(c.name ?? '')
  return <>{isRevoked ? `Removed: ${what}.` : `Added: ${what}, ${until}.`}</>
}

const SHOWN = 200

export function DidHistory({ list }: { list: Change[] }) {
  const newest = [...list].reverse().slice(0, SHOWN)
  return (
    <Card id="history" title="History" side={<span class="small mute">{list.length ? `${count(list.length, 'change')}, none left out` : 'no change ever'}</span>}>
      <div class="body">
        {newest.length ? (
          <ol class="path">
            {newest.map((c, i) => (
              <li key={i} class="done">
                <b>
                  <Words c={c} />
                </b>
                <time>{c.time ? when(c.time) : ''}</time>
                <span class="sub">
                  Block <BlockRef n={c.block} />
                  {c.value && c.value !== '0x' && <>: {plainLine(c.value, 120)}</>}
                </span>
              </li>
            ))}
          </ol>
        ) : (
          <p class="mute">Nothing was ever changed, which is proven: its document follows from the address alone.</p>
        )}
        {list.length > SHOWN && <p class="small mute">The newest {SHOWN} are shown.</p>}
      </div>
    </Card>
  )
}
