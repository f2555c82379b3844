// Devices answers: which programs elsewhere sign with my Nostr key through this node, what may they do unasked, and what
// do they ask for just now?
import { nodeNow } from '../clock'
import type { Device } from '../contract-bunker'
import { allowed, endDevice } from '../devices'
import { brief, capitalWord, count, day, shortHash } from '../format'
import { EmptyTile, Icon } from '../icons'
import { bunker, lacking, socialMe } from '../node'
import { Card } from '../parts/Card'
import { DeviceAdd } from '../parts/DeviceAdd'
import { DeviceAsks } from '../parts/DeviceAsks'
import { Trouble, useAct } from '../parts/Form'
import { BoneCard, Note } from '../parts/Notes'
import { Title, usePart } from '../parts/Title'
import { NoWallet, SignerGone, WalletNav } from '../parts/WalletNav'
import { plainLine } from '../plain'
import { say } from '../say'
import { mood } from '../view'
import { lock } from '../wallet'

function Row({ d }: { d: Device }) {
  const act = useAct()
  const name = plainLine(d.name) || 'A device'
  const isOthers = socialMe.value?.pubkey && socialMe.value.pubkey !== d.as
  const held = act.isBusy || mood.value === 'lost'
  return (
    <li>
      <span class="glyph">
        <Icon name="key" />
      </span>
      <div>
        <b class="host">
          <bdi>{name}</bdi>
        </b>
        <span class="sub">
          {allowed(d)} {d.used ? `${count(d.count, 'request')} granted, the last ${brief(nodeNow.value - d.used * 1000)} ago.` : 'Never used.'} Let in {day(d.added * 1000)}, key{' '}
          <span class="mono">{shortHash(d.device)}</span>
          {d.relays.length > 0 && <>, by {d.relays.map(r => plainLine(r.replace(/^wss?:\/\//, ''))).join(', ')}</>}.
          {d.asks && <> It would like: {plainLine(d.asks, 250)}.</>}
          {isOthers && <> It signs with another key of yours, {shortHash(d.as)}, and rests while that is not the one you are.</>}
        </span>
        <Trouble act={act} title="It was not ended" />
      </div>
      <button class="btn s danger" type="button" aria-disabled={held} onClick={() => !held && act.run(() => endDevice(d.device).then(() => say(`Ended for ${name}`)))}>
        End<span class="sr"> {name}</span>
      </button>
    </li>
  )
}

function In({ list }: { list: Device[] }) {
  return (
    <Card id="in" title="Let in">
      {list.length ? (
        <ul class="rows">
          {list.map(d => (
            <Row key={d.device} d={d} />
          ))}
        </ul>
      ) : (
        <div class="empty">
          <EmptyTile />
          <b>No device signs through your node</b>
          <p class="mute">A program on your phone or in a browser can write as you while the key stays here. You say what it may do, and end it when you like.</p>
        </div>
      )}
    </Card>
  )
}

function Missed({ n }: { n: number }) {
  if (!n || lock.value === 'open') return null
  return (
    <Note tone="warn" icon="lock" title={`${count(n, 'request')} came while your keys are sealed`}>
      <span>Nothing was answered: without your keys your node can neither read them nor refuse. The device will have to ask again once you have unlocked.</span>
    </Note>
  )
}

function Screen() {
  const all = bunker.value
  if (lacking.value.has('social.bunker')) {
    return (
      <section class="card" aria-label="No devices">
        <div class="empty">
          <Icon name="key" />
          <b>This node lets no devices sign</b>
          <p class="mute">It was built without the feeds, or is older than this page.</p>
        </div>
      </section>
    )
  }
  if (!all || !socialMe.value) return <BoneCard rows={3} />
  if (!socialMe.value.pubkey) {
    return (
      <section class="card" aria-label="No key">
        <div class="empty">
          <Icon name="key" />
          <b>No Nostr key yet</b>
          <p class="mute">Devices sign with it. Make one here, or bring yours.</p>
          <a class="btn main" href="#/settings/add">
            Make or bring a key
          </a>
        </div>
      </section>
    )
  }
  return (
    <div class="duo under">
      <div class="stack">
        <SignerGone />
        <Missed n={all.missed} />
        <DeviceAsks />
        <In list={all.devices} />
      </div>
      <DeviceAdd />
    </div>
  )
}

export function Devices() {
  const n = bunker.value?.devices.length ?? null
  usePart()
  const isThere = lock.value !== 'unknown' && lock.value !== 'lacking'
  const lede =
    n === null || mood.value === 'lost' ? null
    : n === 0 ? 'Nothing signs with your key but this node.'
    : `${capitalWord(n)} ${n === 1 ? 'device signs' : 'devices sign'} with your key, which never leaves this node.`
  return (
    <>
      <Title tab="Devices" lede={isThere ? lede : null}>
        Devices that sign as you
      </Title>
      {isThere ? (
        <>
          <WalletNav />
          <Screen />
        </>
      ) : (
        <NoWallet />
      )}
    </>
  )
}
