// References to places of the chain: links with the short form to look at and the whole in the name.
import { brieflyEther, decimals, group, shortHash } from '../format'
import { Hash } from './Copy'

export function AddressRef({ a }: { a: string }) {
  return (
    <a class="addr ref" href={`#/account/${a}`} title={a} aria-label={`Account ${a}`}>
      {shortHash(a)}
    </a>
  )
}

export function TxRef({ hash }: { hash: string }) {
  return (
    <a class="addr ref" href={`#/tx/${hash}`} title={hash} aria-label={`Transaction ${hash}`}>
      {shortHash(hash)}
    </a>
  )
}

export function BlockRef({ n }: { n: number | bigint }) {
  return (
    <a class="ref" href={`#/block/${n}`}>
      {group(n)}
    </a>
  )
}

// An amount for a narrow place: what the eye takes in, and every digit under it when some were left out.
export function Amount({ wei, sign = '' }: { wei: bigint; sign?: string }) {
  const brief = brieflyEther(wei)
  return (
    <>
      {sign}
      {brief} ETH
      {brief !== decimals(wei, 18) && <span class="digits">{sign + decimals(wei, 18)}</span>}
    </>
  )
}

// A whole address or hash in groups of four, every second one paler, so that two can be compared by eye.
export function Grouped({ hex }: { hex: string }) {
  const groups = [hex.slice(0, 6), ...(hex.slice(6).match(/.{1,4}/g) ?? [])]
  return (
    <span class="addr full">
      {groups.map((g, i) => [i > 0 && <wbr key={`w${i}`} />, <i key={i}>{g}</i>])}
    </span>
  )
}

// What is too long to show whole: its beginning, its length, and all of it to take along.
export function Bytes({ hex, what, show = 96 }: { hex: string; what: string; show?: number }) {
  const cut = hex.length > 2 + 2 * show
  return (
    <code class="raw">
      {cut ? `${hex.slice(0, 2 + 2 * show)}…` : hex}
      {cut && (
        <>
          {' '}
          <Hash value={hex} what={what} label="copy all" />
        </>
      )}
    </code>
  )
}
