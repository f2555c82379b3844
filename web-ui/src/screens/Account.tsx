// An account answers: what is there now, what was there at finality, and is there code behind it?
import { count, decimals, brieflyEther, ether, group, lengthOf, upperFirst } from '../format'
import { accountAtFinality, accountAtHead } from '../facts'
import type { Account as Facts } from '../contract-chain'
import { CopyText, Hash } from '../parts/Copy'
import { Aged, Missing, Refused } from '../parts/Facts'
import { Bones } from '../parts/Notes'
import { Prov } from '../parts/Prov'
import { AddressRef, Amount, BlockRef, Bytes, Grouped } from '../parts/Ref'
import { Title } from '../parts/Title'
import { route } from '../route'
import { Card } from '../parts/Card'

const NO_CODE = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470' // keccak-256 of nothing
const NO_STORAGE = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421' // root of the empty trie
const DELEGATED = /^0xef0100([0-9a-f]{40})$/i // EIP-7702

const hasCode = (a: Facts): boolean => a.exists && a.code_hash !== NO_CODE && !/^0x0*$/.test(a.code_hash)

function kindOf(a: Facts): string {
  if (!a.exists) return 'an unused address'
  if (a.code && DELEGATED.test(a.code)) return 'an account that lent itself to a contract'
  return hasCode(a) ? 'a contract' : 'an account without code'
}

function AtHead({ a, since }: { a: Facts; since: number }) {
  const n = a.provenance.block.number
  return (
    <Card id="head" title="At the head" side={<Prov p={a.provenance} since={since} of={`balance ${ether(a.balance)}`} />}>
      <div class="body">
        <div>
          <span class="huge">{brieflyEther(a.balance)} ETH</span>
          <p class="small mute">{brieflyEther(a.balance) === decimals(a.balance, 18) ? 'no digit left out' : `${ether(a.balance)}, every digit`}</p>
        </div>
        <dl class="kv ends">
          <dt>Nonce</dt>
          <dd>{group(a.nonce)}</dd>
          <dt>In wei</dt>
          <dd class="mono small">{String(a.balance)}</dd>
          {n !== null && (
            <>
              <dt>Block</dt>
              <dd>
                <BlockRef n={n} />
              </dd>
            </>
          )}
        </dl>
        {!a.exists && <p class="mute">Nothing was ever here: the absence itself is proven.</p>}
      </div>
    </Card>
  )
}

function AtFinality({ head }: { head: Facts }) {
  const { value: a, error, since } = accountAtFinality.now.value
  const moved = a === null ? 0n : head.balance - a.balance
  return (
    <Card id="final" title="At finality" side={a && <Prov p={a.provenance} since={since} of={`final balance ${ether(a.balance)}`} />} busy={a === null && error === null}>
      {a ? (
        <div class="body">
          <span class="big" title={ether(a.balance)}>{brieflyEther(a.balance)} ETH</span>
          <dl class="kv ends">
            <dt>Nonce</dt>
            <dd>{group(a.nonce)}</dd>
            {a.provenance.block.number !== null && (
              <>
                <dt>Block</dt>
                <dd>
                  <BlockRef n={a.provenance.block.number} />
                </dd>
              </>
            )}
            <dt>Since then</dt>
            <dd>{moved === 0n ? 'no change' : <Amount wei={moved > 0n ? moved : -moved} sign={moved > 0n ? '+' : '−'} />}</dd>
          </dl>
          <p class="small mute">What stands here cannot be undone any more.</p>
        </div>
      ) : error ? (
        <Refused error={error} again={() => accountAtFinality.again()} />
      ) : (
        <Bones rows={1} />
      )}
    </Card>
  )
}

function Code({ a, since }: { a: Facts; since: number }) {
  const target = a.code ? DELEGATED.exec(a.code)?.[1] : null
  return (
    <Card id="code" title="Code and storage" side={<Prov p={a.provenance} since={since} of="code and storage" />}>
      <div class="body">
        {target && (
          <p>
            It lent itself to <AddressRef a={`0x${target}`} />: what is sent here runs that contract’s code.
          </p>
        )}
        {!hasCode(a) && <p class="mute">No code is here: only the holder of the key can move something.</p>}
        <dl class="kv">
          {hasCode(a) && a.code && (
            <>
              <dt>Size</dt>
              <dd>{count(lengthOf(a.code), 'byte')}</dd>
            </>
          )}
          {hasCode(a) && (
            <>
              <dt>Code hash</dt>
              <dd>
                <Hash value={a.code_hash} what="Code hash" />
              </dd>
            </>
          )}
          <dt>Storage</dt>
          <dd>{!a.exists || a.storage_root === NO_STORAGE ? 'empty' : <Hash value={a.storage_root} what="Storage root" />}</dd>
        </dl>
        {hasCode(a) && a.code && !target && <Bytes hex={a.code} what="code" show={64} />}
      </div>
    </Card>
  )
}

export function Account() {
  const { value: a, since } = accountAtHead.now.value
  const address = route.value.arg ?? ''
  const lede = a && `${upperFirst(kindOf(a))} with ${brieflyEther(a.balance)} ETH${a.provenance.verdict === 'proven' ? ', proven against the newest block' : ''}.`
  return (
    <>
      <Title tab="Account" lede={lede}>
        Account
      </Title>
      <div class="line whose">
        <Grouped hex={address} />
        <CopyText value={address} what="address" />
      </div>
      <Missing fact={accountAtHead} what="the account" />
      {a && (
        <div class="cols">
          <div class="stack">
            <Aged fact={accountAtHead} />
            <AtHead a={a} since={since} />
            <Code a={a} since={since} />
          </div>
          <aside class="stack" aria-label="At finality">
            <AtFinality head={a} />
          </aside>
        </div>
      )}
    </>
  )
}
