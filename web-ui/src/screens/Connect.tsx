// Connect answers: how does my wallet or my script use this node, and what does it get?
import { CopyText } from '../parts/Copy'
import { Note } from '../parts/Notes'
import { Outbox } from '../parts/Outbox'
import { Title } from '../parts/Title'
import { Icon } from '../icons'
import { status } from '../node'
import { mood, networkName, type Mood } from '../view'

const HTTP = `${location.origin}/eth`
const WS = HTTP.replace(/^http/, 'ws')

const WALLETS: { name: string; steps: (chain: string) => string[] }[] = [
  { name: 'MetaMask', steps: chain => ['Open the list of networks and choose “Add a custom network”, or edit the network you have.', `Enter the RPC address and ${chain}, then save.`, 'Select it as the default RPC address of that network.'] },
  { name: 'Rabby', steps: () => ['Open “More”, then “Modify RPC URL”.', 'Choose the network, enter the RPC address, save.'] },
  { name: 'Frame', steps: chain => ['Open “Chains” and the chain with ' + chain + '.', 'Set the primary connection to “Custom” and enter the RPC address.', 'Turn the secondary connection off: it would not be proven.'] }
]

const ETHERS = `import { JsonRpcProvider } from 'ethers'
const provider = new JsonRpcProvider('${HTTP}')
console.log(await provider.getBalance(address))`
const CAST = `cast balance ADDRESS --rpc-url ${HTTP}`
const CURL = `curl ${HTTP} -H 'content-type: application/json' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[],"provenance":true}'`

const ANSWERED = [
  ['Accounts', 'balance, nonce, code, storage, proofs of them'],
  ['Blocks', 'by number and hash, with transactions or without, counts'],
  ['Transactions', 'by hash and by place, receipts'],
  ['Logs', 'over a range, filters, subscriptions over the websocket'],
  ['Fees', 'gas price, tips, history of fees, price of blobs'],
  ['Sending', 'signed transactions, checked first, then followed to finality']
]
const REFUSED = [
  ['Running code', 'eth_call, eth_estimateGas: nothing is run here yet, and another’s result cannot be proven'],
  ['Waiting ones', 'transactions in no block: what waits elsewhere has no proof'],
  ['Signing', 'your keys stay in your wallet']
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
    <section class="card" aria-labelledby="rpc-h">
      <header>
        <h2 id="rpc-h">The address</h2>
        {n && (
          <span class="badge">
            {networkName.value}, chain {n.chain_id}
          </span>
        )}
      </header>
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
        <p class="small mute">Only programs on this computer can use it. A web page cannot: its browser names the page, and your node refuses it.</p>
      </div>
    </section>
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
          <section class="card" aria-labelledby="wallets-h">
            <header>
              <h2 id="wallets-h">In a wallet</h2>
            </header>
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
          </section>
          <section class="card" aria-labelledby="scripts-h">
            <header>
              <h2 id="scripts-h">In a script</h2>
            </header>
            <div class="body">
              <Line name="ethers" value={ETHERS} />
              <Line name="cast" value={CAST} />
              <Line name="curl, with provenance" value={CURL} />
              <p class="small mute">
                With <code>"provenance": true</code> in the request the reply says beside the result which block it is proven at, how old that is, and
                which provider gave it.
              </p>
            </div>
          </section>
        </div>
        <aside class="stack" aria-label="What is answered">
          <section class="card" aria-labelledby="answered-h">
            <header>
              <h2 id="answered-h">Answered, and proven</h2>
            </header>
            <div class="body">
              <Pairs list={ANSWERED} />
            </div>
          </section>
          <section class="card" aria-labelledby="refused-h">
            <header>
              <h2 id="refused-h">Refused</h2>
            </header>
            <div class="body">
              <Pairs list={REFUSED} />
              <p class="small mute">A refusal is an error with a reason. Nothing unproven is passed on, unless you named the method when you started the node; such a reply says “unproven”.</p>
            </div>
          </section>
        </aside>
      </div>
    </>
  )
}
