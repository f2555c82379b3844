// Connect answers: how does my wallet or my script use this node, and what does it get?
import { CopyText } from '../parts/Copy'
import { Note } from '../parts/Notes'
import { Outbox } from '../parts/Outbox'
import { Title } from '../parts/Title'
import { Icon } from '../icons'
import { status } from '../node'
import { mood, networkName, type Mood } from '../view'
import { Card } from '../parts/Card'

const HTTP = `${location.origin}/eth`
const WS = HTTP.replace(/^http/, 'ws')

const WALLETS: { name: string; steps: (chain: string) => string[] }[] = [
  { name: 'MetaMask', steps: chain => ['Choose “Add a custom network”, or edit yours.', `Enter the RPC address and ${chain}, save, and select it as the default.`] },
  { name: 'Rabby', steps: () => ['Open “More”, then “Modify RPC URL”.', 'Choose the network, enter the RPC address, save.'] },
  { name: 'Frame', steps: chain => ['Open “Chains” and the chain with ' + chain + '.', 'Set the primary connection to the RPC address and turn the secondary one off: it would not be proven.'] }
]

const ETHERS = `new JsonRpcProvider('${HTTP}')`
const CAST = `cast balance ADDRESS --rpc-url ${HTTP}`
const CURL = `curl ${HTTP} -H 'content-type: application/json' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[],"provenance":true}'`

const ANSWERED = [
  ['Accounts', 'balance, nonce, code, storage, proofs of them'],
  ['Blocks', 'by number and hash, with transactions or without, counts'],
  ['Transactions', 'by hash and by place, receipts'],
  ['Logs', 'over a range, filters, subscriptions over the websocket'],
  ['Fees', 'gas price, tips, history of fees, price of blobs'],
  ['Running code', 'eth_call, eth_estimateGas, eth_createAccessList, eth_simulateV1: run here, over proven state'],
  ['Sending', 'signed transactions, checked first, then followed to finality']
]
const REFUSED = [
  ['Waiting ones', 'what waits elsewhere has no proof'],
  ['eth_sign', 'blind signing of a hash; all else that is signed is shown to you first']
]

const WARNS: Partial<Record<Mood, string>> = {
  starting: 'Until a head is proven, wallets are told so instead of an answer.',
  syncing: 'Until the newest head is proven, wallets are told so instead of an answer.',
  stale: 'What depends on the newest block is refused until a newer one is proven.',
  offline: 'No provider answers, so your node has nothing to prove from. Wallets are told so.',
  error: 'Your node stopped. Wallets get an error until Home is settled.',
  lost: 'The page lost your node; a wallet cannot reach it either.'
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <div class="line apart">
        <b>{name}</b>
        <CopyText value={value} what={name} />
      </div>
      <code class="raw">{value}</code>
    </div>
  )
}

function Pairs({ list }: { list: string[][] }) {
  return (
    <dl class="kv">
      {list.map(([name, what]) => [<dt key={name}>{name}</dt>, <dd key={`${name} what`}>{what}</dd>])}
    </dl>
  )
}

function Address() {
  const n = status.value?.network
  return (
    <Card id="rpc" title="The address" side={n && (
          <span class="badge">
            {networkName.value}, chain {n.chain_id}
          </span>
        )}>
      <div class="body">
        <Line name="RPC address" value={HTTP} />
        <Line name="Websocket" value={WS} />
        <dl class="kv">
          <dt>Network</dt>
          <dd>{networkName.value ?? 'your node has not said yet'}</dd>
          <dt>Chain id</dt>
          <dd>{n ? `${n.chain_id} (0x${n.chain_id.toString(16)})` : 'your node has not said yet'}</dd>
          <dt>Currency</dt>
          <dd>ETH</dd>
        </dl>
        <p class="small mute">Programs on this computer can read. A web page learns nothing until you allow it, under Wallet, Permissions.</p>
      </div>
    </Card>
  )
}

export function Connect() {
  const n = status.value?.network
  const chain = n ? `chain id ${n.chain_id}` : 'the chain id'
  const warns = WARNS[mood.value]
  return (
    <>
      <Title tab="Connect" lede="One address gives your wallet and your scripts proven answers, or an error that says why not.">
        Connect a wallet
      </Title>
      <div class="cols">
        <div class="stack">
          {warns && (
            <Note tone={mood.value === 'error' ? 'bad' : 'warn'} icon="warn" title="Not every answer comes now">
              <span>{warns}</span>
            </Note>
          )}
          <Address />
          <Outbox />
          <Card id="wallets" title="In a wallet">
            <div class="body">
              {WALLETS.map((w, i) => (
                <details key={w.name} open={i === 0}>
                  <summary>
                    <Icon name="right" />
                    {w.name}
                  </summary>
                  <ol class="steps">
                    {w.steps(chain).map(step => (
                      <li key={step}>{step}</li>
                    ))}
                  </ol>
                </details>
              ))}
            </div>
          </Card>
          <Card id="scripts" title="In a script">
            <div class="body">
              <Line name="ethers" value={ETHERS} />
              <Line name="cast" value={CAST} />
              <Line name="curl, with provenance" value={CURL} />
              <p class="small mute">
                With <code>"provenance": true</code> in the request the reply says beside the result which block it is proven at, how old that is, and
                which provider gave it.
              </p>
            </div>
          </Card>
        </div>
        <aside class="stack" aria-label="What is answered">
          <Card id="answered" title="Answered, and proven">
            <div class="body">
              <Pairs list={ANSWERED} />
            </div>
          </Card>
          <Card id="refused" title="Refused">
            <div class="body">
              <Pairs list={REFUSED} />
              <p class="small mute">A refusal is an error with a reason. Nothing unproven is passed on, unless you named the method at the start; such a reply says “unproven”.</p>
            </div>
          </Card>
        </aside>
      </div>
    </>
  )
}
