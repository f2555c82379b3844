// One person of the circle: how far, and the way of vouching that leads there.
import type { Person, Who } from '../contract-identity'
import { count, shortHash } from '../format'
import { Tile } from '../icons'
import { plainLine } from '../plain'
import { nameOf } from '../wallet'
import { Whose } from './AttestStatus'

export const FAR = 255
// In words, as seen from the owner.
export function distanceWords(d: number | null): string {
  if (d === null || d >= FAR) return 'nobody you know vouches for them'
  if (d === 0) return 'you'
  if (d === 1) return 'you vouch for them'
  if (d === 2) return 'somebody for whom you vouch does'
  return `${count(d, 'step')} of vouching away`
}
export const argOf = (p: Pick<Person, 'address' | 'pubkey'>): string => p.address ?? p.pubkey ?? ''
export const calledOf = (p: Pick<Person, 'address' | 'pubkey' | 'name'>): string => (p.address && nameOf(p.address)) || (p.name && plainLine(p.name)) || shortHash(argOf(p))

export function PersonRow({ p }: { p: Person }) {
  return (
    <li>
      <Tile of={argOf(p)} />
      <div>
        <b class="host">{calledOf(p)}</b>
        <span class="sub">
          {p.distance === 0 ? 'One of your accounts. ' : ''}
          {count(p.vouches, 'attestation')} from your circle.{p.pubkey && <> <a href={`#/author/${p.pubkey}`}>In the feed</a></>}
        </span>
      </div>
      <a class="btn s" href={`#/circle/${argOf(p)}`}>
        Why<span class="sr"> {calledOf(p)} is there</span>
      </a>
    </li>
  )
}

export function Way({ who, arg }: { who: Who; arg: string }) {
  const isKnown = who.distance !== null && who.distance < FAR
  return (
    <div class="body">
      <p>
        <b class="host">{nameOf(arg) ?? shortHash(arg)}</b>: {distanceWords(who.distance)}.
      </p>
      {isKnown && who.path.length > 0 && (
        <ol class="path" aria-label="Way of vouching">
          {who.path.map((hop, i) => (
            <li key={i} class="done">
              <b>
                <Whose a={hop.from} /> vouches for <Whose a={hop.to} />
              </b>
              <time>{i + 1}</time>
              {hop.uid && <span class="sub mono">{shortHash(hop.uid)}</span>}
            </li>
          ))}
        </ol>
      )}
      <p class="small mute">
        {who.vouches.length ? (
          <>
            Vouched for by {who.vouches.slice(0, 12).map((v, i) => [i > 0 && ', ', <Whose key={i} a={v.from} />])}
            {who.vouches.length > 12 && ` and ${count(who.vouches.length - 12, 'more', 'more')}`}.
          </>
        ) : (
          'No attestation that vouches for them is valid and known here.'
        )}
      </p>
      {who.attestations.length > 0 && <p class="small mute">Your circle also gave them {count(who.attestations.length, 'attestation')} of other kinds.</p>}
    </div>
  )
}
