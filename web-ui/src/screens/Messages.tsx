// Messages answers: who wrote to me alone? They are sealed to the key (NIP-17), so the vault must be open to read them.
import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { sendMessage } from '../acts'
import { nodeNow } from '../clock'
import type { Of } from '../check'
import type { readConversations } from '../contract-posts'
import { brief, shortHash, stamp } from '../format'
import { EmptyTile, Tile } from '../icons'
import { socialMe } from '../node'
import { FeedPage, NotYet, Old } from '../parts/FeedNav'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { nameOfKey } from '../parts/Post'
import { UnlockCard } from '../parts/Unlock'
import { plain, plainLine } from '../plain'
import { route } from '../route'
import { say } from '../say'
import { conversations, messages } from '../social'

type Conversation = Of<typeof readConversations>['conversations'][number]

function Row({ c, isHere }: { c: Conversation; isHere: boolean }) {
  return (
    <li>
      <Tile of={c.with} />
      <div>
        <a class="by name" href={`#/messages/${c.with}`} aria-current={isHere ? 'true' : undefined}>
          <bdi>{nameOfKey(c.with, c.name)}</bdi>
        </a>
        {c.last && (
          <span class="sub">
            <br />
            <bdi>{plainLine(c.last, 60)}</bdi>
          </span>
        )}
      </div>
      <span class="line">
        {c.at !== null && <span class="small mute">{brief(nodeNow.value - c.at * 1000)}</span>}
        {c.unread > 0 && (
          <span class="count">
            {c.unread}
            <span class="sr"> unread</span>
          </span>
        )}
      </span>
    </li>
  )
}

function List() {
  const got = conversations.now.value
  const list = got.value?.conversations
  return (
    <>
      <Old got={got} again={conversations.again} />
      <NotYet got={got} again={conversations.again} what="your messages" />
      {list && (
        <section class="card" aria-label="Conversations">
          {list.length ? (
            <ul class="rows">
              {list.map(c => (
                <Row key={c.with} c={c} isHere={route.value.arg === c.with} />
              ))}
            </ul>
          ) : (
            <div class="empty">
              <EmptyTile />
              <b>No messages yet</b>
              <p class="mute">Open somebody’s page and write to them. Only the two of you can read it, and relays do not see who wrote.</p>
            </div>
          )}
        </section>
      )}
    </>
  )
}

function Write({ who }: { who: string }) {
  const id = useId()
  const act = useAct()
  const text = useSignal('')
  const submit = (): void => {
    const content = text.value.trim()
    if (!content) return act.fail('Nothing is written yet.')
    act.run(async () => {
      await sendMessage(who, content)
      text.value = ''
      say('Sealed and sent')
    })
  }
  return (
    <form class="stack tight" onSubmit={onSubmit(submit)}>
      <div class="field">
        <label for={id}>Your message</label>
        <textarea id={id} dir="auto" value={text.value} onInput={e => (text.value = e.currentTarget.value)} />
      </div>
      <Trouble act={act} title="It was not sent" />
      <div class="line apart">
        <span class="small mute">Sealed to their key. A copy is kept here for you.</span>
        <Go act={act} busy="Sealing and sending">
          Seal and send
        </Go>
      </div>
    </form>
  )
}

function Talk({ who, name }: { who: string; name: string }) {
  const got = messages.now.value
  const end = useRef<HTMLDivElement>(null)
  // Oldest first, whatever order they came in.
  const list = [...(got.value?.messages ?? [])].sort((a, b) => a.at - b.at)
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [list.length])
  return (
    <>
      <Old got={got} again={messages.again} />
      <NotYet got={got} again={messages.again} what="these messages" />
      {got.value && (
        <section class="card" aria-labelledby="talk-h">
          <header>
            <h2 id="talk-h" tabIndex={-1}>
              <a href={`#/author/${who}`}>
                <bdi>{name}</bdi>
              </a>
            </h2>
            <span class="small mute">{shortHash(who)}</span>
          </header>
          <div class="body">
            {list.length === 0 && <p class="mute">Nothing was written yet.</p>}
            <ul class="stack tight" aria-label="Messages">
              {list.map(m => (
                <li key={m.id} class={m.from === socialMe.value?.pubkey ? 'bubble own' : 'bubble'}>
                  <span class="sr">{m.from === socialMe.value?.pubkey ? 'You' : name}: </span>
                  <p class="said" dir="auto">
                    {plain(m.content)}
                  </p>
                  <span class="small mute">{stamp(m.at * 1000)}</span>
                </li>
              ))}
            </ul>
            <div ref={end} />
            <Write who={who} />
          </div>
        </section>
      )}
    </>
  )
}

export function Messages() {
  const { arg } = route.value
  const isOpen = socialMe.value?.is_open === true
  const known = conversations.now.value.value?.conversations.find(c => c.with === arg)
  return (
    <FeedPage tab="Messages" title="Messages" lede="Sealed: relays carry them and see neither who wrote nor what." needsKey>
      {!isOpen ? (
        <div class="narrow">
          <UnlockCard />
          <p class="small mute">Messages are sealed to your key. Your node opens them when the vault is open.</p>
        </div>
      ) : arg === null ? (
        <div class="narrow stack">
          <List />
        </div>
      ) : (
        <div class="cols">
          <div class="stack">
            <Talk who={arg} name={nameOfKey(arg, known?.name ?? null)} />
          </div>
          <aside class="stack" aria-label="All conversations">
            <List />
          </aside>
        </div>
      )}
    </FeedPage>
  )
}
