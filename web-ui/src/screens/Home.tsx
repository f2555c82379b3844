// Home answers: is my node all right, and what should I do?
import type { ComponentChildren } from 'preact'
import { capitalWord, reason, span } from '../format'
import { EmptyTile } from '../icons'
import { link, providers, status } from '../node'
import { Ethereum } from '../parts/Ethereum'
import { Closing } from '../parts/Closing'
import { Bones, Note, ProblemNote, SyncCard } from '../parts/Notes'
import { ProvidersInShort } from '../parts/InShort'
import { Recent } from '../parts/Recent'
import { Title } from '../parts/Title'
import { Requests } from '../parts/NeedsYou'
import { problems } from '../problems'
import { needs } from '../review'
import { answering, headAge, isQuiet, mood, silentFor, waitedLong, type Mood } from '../view'

const TITLES: Record<Mood, string> = {
  live: 'Your node is healthy.',
  syncing: 'Your node is syncing.',
  starting: 'Your node is starting.',
  loading: 'Reaching your node.',
  stale: 'Your node hears nothing new.',
  offline: 'Your node is offline.',
  lost: 'This page lost your node.',
  error: 'Your node stopped.',
  out: 'This page is not signed in.'
}

function lede(m: Mood): ComponentChildren {
  const why = reason(status.value?.why)
  switch (m) {
    case 'syncing':
    case 'starting':
      return why ?? 'It proves its way from the checkpoint to the newest block.'
    case 'stale':
      return 'What you see was proven, but it is old. Every value says its age.'
    case 'offline':
      return why ?? 'No provider answers. What you see was proven before.'
    case 'lost':
      return link.value.s === 'lost' && status.value
        ? 'What you see was proven before. It is shown grey until the node answers again.'
        : 'Is “hearth run” still running on this computer?'
    case 'loading':
      return waitedLong.value ? 'It is there, but has not told its state yet.' : null
    case 'live':
    case 'error':
    case 'out':
      return null
  }
}

function StaleNote() {
  const list = providers.value ?? []
  const age = headAge.value
  const title = isQuiet.value
    ? `Your node said nothing for ${span(silentFor())}`
    : `No new block for ${age === null ? 'a while' : span(age)}`
  const said = isQuiet.value
    ? 'The connection stands, but no news came. The page waits and shows what it knows as old.'
    : (reason(status.value?.why) ?? `${answering(list).length} of ${list.length} providers answer, none with a newer head.`)
  return (
    <Note tone="warn" icon="stale" title={title}>
      <span>{said}</span>
      <span class="line">
        <a class="btn s" href="#/network">
          See the providers
        </a>
      </span>
    </Note>
  )
}

// Why the list is empty; an empty list that may be wrong says so.
const NOTHING: Partial<Record<Mood, string>> = {
  live: 'Your node proves each new block by itself. What only you can settle will stand here.',
  lost: 'That may have changed: this page cannot ask the node.',
  offline: 'Your node asks its providers again by itself. What only you can settle will stand here.'
}

function NeedsYou() {
  const list = problems.value
  const m = mood.value
  return (
    <section class="card" id="needs" aria-labelledby="needs-h">
      <header>
        <h2 id="needs-h">Needs you</h2>
      </header>
      {m === 'loading' || !status.value ? (
        <Bones rows={1} />
      ) : needs.value ? (
        <div class="body">
          {needs.value > list.length && (
            <ul class="stack tight">
              <Requests />
            </ul>
          )}
          {list.map(p => (
            <ProblemNote key={p.code} problem={p} />
          ))}
        </div>
      ) : (
        <ul class="rows">
          <li>
            <EmptyTile />
            <div>
              <b>{m === 'lost' ? 'Nothing was waiting for you' : 'Nothing needs you'}</b>
              <span class="sub">{NOTHING[m] ?? 'Your node goes on by itself.'}</span>
            </div>
            <span />
          </li>
        </ul>
      )}
    </section>
  )
}

export function Home() {
  const m = mood.value
  const n = needs.value
  return (
    <>
      <Title tab="Home" lede={lede(m)}>
        {TITLES[m]}
        {n > 0 && ` ${capitalWord(n)} ${n === 1 ? 'thing needs' : 'things need'} you.`}
      </Title>
      <div class="cols">
        <div class="stack">
          {m === 'stale' && <StaleNote />}
          {(m === 'syncing' || m === 'starting') && <SyncCard />}
          <NeedsYou />
          <Closing />
          <Recent />
        </div>
        <aside class="stack" aria-label="Node health">
          <Ethereum />
          <ProvidersInShort />
        </aside>
      </div>
    </>
  )
}
