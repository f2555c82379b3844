// What an account holds: ether and the tokens that its owner watches, each with its mark.
import { useRef } from 'preact/hooks'
import { brieflyEther, decimals, ether, group } from '../format'
import type { Token } from '../contract-wallet'
import { Tile } from '../icons'
import { status } from '../node'
import { say } from '../say'
import { addToken, balances, removeToken } from '../wallet'
import { ADDRESS } from '../units'
import { Aged, Missing } from './Facts'
import { Go, onSubmit, Trouble, useAct } from './Form'
import { Prov } from './Prov'
import { Card, Field } from './Card'

export function tokenAmount(t: Token): string {
  if (t.balance === null) return 'not known'
  const exact = decimals(t.balance, t.decimals)
  const [whole, rest = ''] = exact.split('.')
  return rest.length > 6 ? `${whole}.${rest.slice(0, 6)}…` : exact
}

export const symbolOf = (t: Token): string => t.symbol || `${t.token.slice(0, 6)}…${t.token.slice(-4)}`

function TokenRow({ t, since }: { t: Token; since: number }) {
  const isProven = t.provenance.verdict === 'proven'
  const what = `${tokenAmount(t)} ${symbolOf(t)}`
  return (
    <tr>
      <th scope="row">
        <span class="line">
          <Tile of={t.token} small />
          <span>
            <a class="ref" href={`#/account/${t.token}`} title={t.token}>
              {symbolOf(t)}
            </a>
          </span>
        </span>
      </th>
      <td class="num wrap">
        {isProven || t.balance === null ? <b>{tokenAmount(t)}</b> : <span class="mute">{tokenAmount(t)}</span>}
        {!isProven && t.provenance.why && <span class="digits">{t.provenance.why}</span>}
      </td>
      <td class="num">
        <Prov p={t.provenance} since={since} of={what} />
      </td>
    </tr>
  )
}

function AddToken({ tokens }: { tokens: Token[] }) {
  const address = useRef<HTMLInputElement>(null)
  const symbol = useRef<HTMLInputElement>(null)
  const places = useRef<HTMLInputElement>(null)
  const act = useAct()
  const submit = (): void => {
    const a = address.current?.value.trim() ?? ''
    const p = places.current?.value.trim() ?? ''
    if (!ADDRESS.test(a)) return act.fail('An address is 0x and 40 digits.')
    if (p && !/^\d{1,2}$/.test(p)) return act.fail('Decimals are a number from 0 to 99.')
    act.run(async () => {
      await addToken(a, symbol.current?.value.trim() ?? '', p ? Number(p) : null)
      for (const ref of [address, symbol, places]) if (ref.current) ref.current.value = ''
      balances.again()
      say('Token added')
    })
  }
  const drop = (t: Token): void =>
    act.run(async () => {
      await removeToken(t.token)
      balances.again()
      say('Token removed')
    })
  return (
    <details>
      <summary>Tokens to watch</summary>
      <form class="stack" onSubmit={onSubmit(submit)}>
        <Field label="Contract of the token" input={address} required code />
        <div class="pair even">
          <Field label="Symbol" input={symbol} max={12} />
          <Field label="Decimals" input={places} inputMode="numeric" />
        </div>
        <p class="small mute">Used only where the contract’s own cannot be proven.</p>
        <Trouble act={act} title="Not changed" />
        <div class="line">
          <Go act={act} busy="Looking where it keeps balances" main={false}>
            Watch this token
          </Go>
        </div>
      </form>
      {tokens.length > 0 && (
        <ul class="line drops" aria-label="Watched tokens">
          {tokens.map(t => (
            <li key={t.token}>
              <button class="btn s" type="button" onClick={() => drop(t)}>
                Stop watching {symbolOf(t)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}

export function Balances() {
  const { value: v, since } = balances.now.value
  if (!v) return <Missing fact={balances} what="the balances" />
  const wei = v.ether.balance
  const n = status.value?.head && v.provenance.block.number
  return (
    <>
      <Aged fact={balances} />
      <Card id="bal" title="Balances" side={n && <span class="small mute">at block {group(n)}</span>}>
        <div class="scroll" tabIndex={0} role="region" aria-label="Balances">
          <table>
            <thead class="sr">
              <tr>
                <th scope="col">Asset</th>
                <th scope="col">Amount</th>
                <th scope="col">Proof</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">
                  <span class="line">
                    <Tile of="0xe7e7e7e7a1b2c3d4" small />
                    <span>Ether</span>
                  </span>
                </th>
                <td class="num wrap" title={ether(wei)}>
                  <b>{brieflyEther(wei)}</b> ETH
                  {brieflyEther(wei) !== decimals(wei, 18) && <span class="digits">{decimals(wei, 18)}</span>}
                </td>
                <td class="num">
                  <Prov p={v.provenance} since={since} of={`${brieflyEther(wei)} ETH`} />
                </td>
              </tr>
              {v.tokens.map(t => (
                <TokenRow key={t.token} t={v.provenance.verdict === 'stale' ? { ...t, provenance: v.provenance } : t} since={since} />
              ))}
            </tbody>
          </table>
        </div>
        <div class="body">
          <AddToken tokens={v.tokens} />
        </div>
        <footer>No prices: nobody can prove a price to this node.</footer>
      </Card>
    </>
  )
}
