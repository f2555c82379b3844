// Author answers: who is this, does the name hold, and what did they write?
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { follow, mute, setProfile } from '../acts'
import type { Profile } from '../contract-posts'
import { count, group } from '../format'
import { Tile } from '../icons'
import { socialMe } from '../node'
import { Card, Field } from '../parts/Card'
import { ClaimedName, NameCheck } from '../parts/ClaimedName'
import { CopyText } from '../parts/Copy'
import { FeedPage, NotYet, Old } from '../parts/FeedNav'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { nameOfKey } from '../parts/PostHead'
import { ListSource, PostList } from '../parts/PostList'
import { piecesOf, plainLine } from '../plain'
import { say } from '../say'
import { profile } from '../social'
import { mood } from '../view'

function Edit({ p, done }: { p: Profile; done(): void }) {
  const act = useAct()
  const refs = { name: useRef<HTMLInputElement>(null), about: useRef<HTMLInputElement>(null), picture: useRef<HTMLInputElement>(null), nip05: useRef<HTMLInputElement>(null), website: useRef<HTMLInputElement>(null) }
  const submit = (): void =>
    act.run(async () => {
      await setProfile(Object.fromEntries(Object.entries(refs).map(([key, ref]) => [key, ref.current?.value.trim() ?? ''])))
      say('Profile signed and sent')
      done()
    })
  return (
    <form class="stack" onSubmit={onSubmit(submit)}>
      <Field label="Name" input={refs.name} value={p.name ?? ''} max={60} />
      <Field label="About you" input={refs.about} value={p.about ?? ''} max={1000} />
      <Field label="Address of a picture" input={refs.picture} value={p.picture ?? ''} max={300} />
      <Field label="Name at a host (NIP-05)" input={refs.nip05} value={p.nip05 ?? ''} max={100} />
      <Field label="Website" input={refs.website} value={p.website ?? ''} max={300} />
      <Trouble act={act} title="Your profile was not changed" />
      <Go act={act} busy="Signing">
        Sign and publish
      </Go>
    </form>
  )
}

function Who({ p }: { p: Profile }) {
  const act = useAct()
  const isEditing = useSignal(false)
  const held = act.isBusy || mood.value === 'lost'
  const isMe = p.pubkey === socialMe.value?.pubkey
  const name = nameOfKey(p.pubkey, p.name)
  return (
    <Card id="who" title={<bdi>{name}</bdi>} side={<ClaimedName p={p} />} busy={profile.now.value.isBusy}>
      <div class="body">
        <div class="line">
          <Tile of={p.pubkey} />
          <span class="small">
            The pattern is drawn from the key. Anybody may call themselves <bdi>{name}</bdi>.
          </span>
        </div>
        <NameCheck p={p} />
        {p.about && (
          <p class="said" dir="auto">
            {piecesOf(p.about.slice(0, 2000)).map((piece, i) => (piece.s === 'text' ? piece.text : <a key={i} href={piece.href} {...(piece.s === 'link' || piece.s === 'image' ? { target: '_blank', rel: 'noreferrer noopener' } : {})}>{'text' in piece ? piece.text : piece.href}</a>))}
          </p>
        )}
        <dl class="kv">
          <dt>Follows</dt>
          <dd>{group(p.follows)}</dd>
          <dt>Posts here</dt>
          <dd>{group(p.posts)}</dd>
          {p.website && (
            <>
              <dt>Website</dt>
              <dd class="host">{plainLine(p.website, 200)}</dd>
            </>
          )}
          <dt>Key</dt>
          <dd>
            <span class="addr full">{p.npub || p.pubkey}</span>
          </dd>
        </dl>
        <div class="line">
          {isMe ? (
            <button class="btn s" type="button" aria-expanded={isEditing.value} onClick={() => (isEditing.value = !isEditing.value)}>
              Change your profile
            </button>
          ) : (
            <>
              <button class={p.followed ? 'btn s' : 'btn s main'} type="button" aria-disabled={held} onClick={() => act.run(() => follow(p.pubkey, !p.followed).then(() => say(p.followed ? 'Not followed any more' : 'Followed')))}>
                {p.followed ? 'Unfollow' : 'Follow'}
              </button>
              {socialMe.value?.has_messages && (
                <a class="btn s" href={`#/messages/${p.pubkey}`}>
                  Write a message
                </a>
              )}
              <button class="btn s" type="button" aria-disabled={held} onClick={() => act.run(() => mute(p.pubkey, !p.muted).then(() => say(p.muted ? 'Unmuted' : 'Muted')))}>
                {p.muted ? 'Unmute' : 'Mute'}
              </button>
            </>
          )}
          <CopyText value={p.npub || p.pubkey} what="key" label="Copy key" />
        </div>
        <Trouble act={act} title="It was not done" />
        {isMe && isEditing.value && <Edit p={p} done={() => (isEditing.value = false)} />}
      </div>
    </Card>
  )
}

export function Author() {
  const got = profile.now.value
  const p = got.value
  const name = p ? nameOfKey(p.pubkey, p.name) : 'Author'
  return (
    <FeedPage tab={name} title={<bdi>{name}</bdi>} lede={p && (p.muted ? 'You muted them.' : p.followed ? 'You follow them.' : `${count(p.posts, 'post')} here.`)}>
      <Old got={got} again={profile.again} />
      <NotYet got={got} again={profile.again} what="who this is" />
      {p && (
        <div class="cols">
          <PostList what="their posts" empty="No posts seen yet" />
          <aside class="stack" aria-label="Who this is">
            <Who p={p} />
            <ListSource />
          </aside>
        </div>
      )}
    </FeedPage>
  )
}
