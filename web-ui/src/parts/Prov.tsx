// The mark beside every value from the chain: is it proven, how old is it, who gave it. In the app it
// is a button; what opens says the block, the level, the age, the sources and the reason.
import { useId } from 'preact/hooks'
import { clockTime, group, reason, upperFirst } from '../format'
import type { Header, Provenance } from '../contract'
import { Icon, type IconName } from '../icons'
import { link } from '../node'
import { mood } from '../view'
import { Hash } from './Copy'
import { Age } from './Time'

interface Look {
  class: 'ok' | 'un' | 'stale'
  icon: IconName
  why: string | null
}

function useLook(p: Provenance): Look {
  const m = mood.value
  if (p.verdict === 'unproven') return { class: 'un', icon: 'unproven', why: p.why ?? 'Nobody has proven this value; treat it as a claim.' }
  if (p.verdict === 'unavailable') return { class: 'un', icon: 'unproven', why: p.why ?? 'Nobody gave a proof for this value.' }
  if (m === 'lost') return { class: 'stale', icon: 'stale', why: 'The page lost the node. This was proven before.' }
  if (p.verdict === 'stale' || m !== 'live') return { class: 'stale', icon: 'stale', why: reason(p.why) ?? 'It was proven, but it is not the newest.' }
  return { class: 'ok', icon: 'proven', why: p.why }
}

function Words({ look, p, since }: { look: Look; p: Provenance; since: number | null }) {
  if (p.verdict === 'unproven') return <>Unproven</>
  if (p.verdict === 'unavailable') return <>Unavailable</>
  if (look.class === 'ok') return <>Proven</>
  if (link.value.s === 'lost') return <>as of {clockTime(link.value.since)}</>
  if (since === null) return <>Old</>
  return (
    <>
      <Age since={since} short /> old
    </>
  )
}

// `since` is when the value became true, by the node's clock; null when nobody said.
export function Prov({ p, since, of }: { p: Provenance; since: number | null; of: string }) {
  const id = useId()
  const look = useLook(p)
  return (
    <div class="prov-at">
      <button class={`prov ${look.class}`} type="button" popovertarget={id}>
        <Icon name={look.icon} />
        <span>
          <span class="sr">{of}: </span>
          <Words look={look} p={p} since={since} />
        </span>
      </button>
      <div class="prov-more" id={id} popover="auto" role="group" aria-label={`Where ${of} comes from`}>
        <dl class="kv">
          <dt>Value</dt>
          <dd>{of}</dd>
          {(p.block.number !== null || p.block.hash !== null) && (
            <>
              <dt>Block</dt>
              <dd>
                {p.block.number === null ? 'number not in the header' : group(p.block.number)}
                {p.block.hash && (
                  <>
                    {' '}
                    <Hash value={p.block.hash} what="Block hash" />
                  </>
                )}
              </dd>
            </>
          )}
          {p.level && p.verdict !== 'unproven' && (
            <>
              <dt>Level</dt>
              <dd>{upperFirst(p.level)}</dd>
            </>
          )}
          {since !== null && p.verdict !== 'unproven' && (
            <>
              <dt>Age</dt>
              <dd>
                <Age since={since} />
              </dd>
            </>
          )}
          <dt>Sources</dt>
          <dd>{p.sources.length ? p.sources.join(', ') : 'none named'}</dd>
          {look.why && (
            <>
              <dt>Why</dt>
              <dd>{look.why}</dd>
            </>
          )}
        </dl>
      </div>
    </div>
  )
}

export function HeaderProv({ header, of }: { header: Header; of: string }) {
  return <Prov p={header.provenance} since={header.slot_ms} of={of} />
}
