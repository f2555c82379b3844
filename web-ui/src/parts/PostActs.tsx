// What can be done about a post: answer, pass on, like; and behind "More" what is wanted more rarely.
import { useSignal, type Signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { bookmark, erase, follow, mute, muteThread, react, report, repost } from '../acts'
import type { Post } from '../contract-posts'
import { count } from '../format'
import { Icon } from '../icons'
import { socialMe } from '../node'
import { route } from '../route'
import { say } from '../say'
import { lists } from '../social'
import { mood } from '../view'
import { Pick } from './Card'
import { CopyText } from './Copy'
import { Go, onSubmit, Trouble, useAct, type Act } from './Form'
import { Reacted, ReactForm, signOf } from './Reactions'

export type Doing = 'nothing' | 'reply' | 'quote' // what is written under the post

// The words of NIP-56.
const REASONS = [['spam', 'Spam'], ['impersonation', 'Pretends to be somebody'], ['profanity', 'Insults'], ['illegal', 'Against the law'], ['malware', 'Harmful program'], ['nudity', 'Nudity'], ['other', 'Something else']] as const

export function ReportForm({ id, done }: { id: string; done(): void }) {
  const act = useAct()
  const type = useSignal('spam')
  const text = useRef<HTMLInputElement>(null)
  const submit = (): void =>
    act.run(async () => {
      await report(id, type.value, text.current?.value.trim() ?? '')
      say('Reported')
      done()
    })
  return (
    <form class="stack full" onSubmit={onSubmit(submit)}>
      <Pick label="What is wrong" value={type.value} of={REASONS} onPick={v => (type.value = v)} />
      <label class="field">
        <span>More words, if you like</span>
        <input ref={text} maxLength={500} autocomplete="off" />
      </label>
      <p class="small mute">A report is signed by you and public.</p>
      <Trouble act={act} title="It was not reported" />
      <div class="line">
        <Go act={act} busy="Signing">
          Sign and report
        </Go>
        <button class="btn" type="button" onClick={done}>
          Do not report
        </button>
      </div>
    </form>
  )
}

interface DoProps {
  act: Act
  words: string
  what(): Promise<unknown>
  said: string
  danger?: boolean
}
function Do({ act, words, what, said, danger }: DoProps) {
  return (
    <button class={danger ? 'btn s danger' : 'btn s'} type="button" aria-disabled={act.isBusy || mood.value === 'lost'} onClick={() => act.run(() => what().then(() => say(said)))}>
      {words}
    </button>
  )
}

function More({ p, act, isOwn, doing }: { p: Post; act: Act; isOwn: boolean; doing: Signal<Doing> }) {
  const open = useSignal<'no' | 'report' | 'delete'>('no')
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => box.current?.querySelector('button')?.focus(), [])
  const isKept = route.value.arg === 'bookmarks'
  const muted = lists.now.value.value?.muted
  const root = p.root ?? p.id
  const isThreadMuted = muted?.threads.includes(root) === true
  const isMuted = muted ? muted.people.some(one => one.pubkey === p.pubkey) : p.muted
  return (
    <div class="stack tight full" ref={box}>
      <div class="line">
        <button class="btn s" type="button" aria-expanded={doing.value === 'quote'} onClick={() => (doing.value = doing.value === 'quote' ? 'nothing' : 'quote')}>
          Quote
        </button>
        <Do act={act} words={isKept ? 'Remove bookmark' : 'Bookmark'} what={() => bookmark(p.id, !isKept)} said={isKept ? 'Bookmark removed' : 'Bookmarked'} />
        <CopyText value={p.id} what="id of the post" label="Copy id" />
        {isOwn ? (
          <button class="btn s danger" type="button" aria-expanded={open.value === 'delete'} onClick={() => (open.value = open.value === 'delete' ? 'no' : 'delete')}>
            Delete
          </button>
        ) : (
          <>
            <Do act={act} words="Follow" what={() => follow(p.pubkey, true)} said="Followed" />
            <Do act={act} words={isMuted ? 'Unmute' : 'Mute'} what={() => mute(p.pubkey, !isMuted)} said={isMuted ? 'Unmuted' : 'Muted'} />
            <Do act={act} words={isThreadMuted ? 'Unmute the thread' : 'Mute the thread'} what={() => muteThread(root, !isThreadMuted)} said={isThreadMuted ? 'Thread unmuted' : 'Thread muted'} />
            <button class="btn s" type="button" aria-expanded={open.value === 'report'} onClick={() => (open.value = open.value === 'report' ? 'no' : 'report')}>
              Report
            </button>
          </>
        )}
      </div>
      {open.value === 'report' && <ReportForm id={p.id} done={() => (open.value = 'no')} />}
      {open.value === 'delete' && (
        <div class="line">
          <span class="small">Your node forgets it and asks the relays to. They may keep it all the same.</span>
          <Do act={act} words="Sign and delete" what={() => erase(p.id)} said="Deleted" danger />
        </div>
      )}
    </div>
  )
}

// `own`: what stands on the screen; `p`: what is acted on, which for a repost is the post inside.
export function PostActs({ p, own, name, doing }: { p: Post; own: Post; name: string; doing: Signal<Doing> }) {
  const act = useAct()
  const open = useSignal<'no' | 'more' | 'signs'>('no')
  const me = socialMe.value?.pubkey
  const reaction = p.mine.reaction
  const isReplying = doing.value === 'reply'
  // While it is done it stays as it looks: only a lost node greys it.
  const held = mood.value === 'lost'
  const toggle = (what: 'more' | 'signs'): unknown => (open.value = open.value === what ? 'no' : what)
  return (
    <>
      <Reacted p={p} act={act} />
      <nav aria-label={`Actions on the post by ${name}`}>
        <button class="btn quiet s" type="button" aria-label={`Reply, ${count(p.replies, 'reply', 'replies')}`} aria-expanded={isReplying} onClick={() => (doing.value = isReplying ? 'nothing' : 'reply')}>
          <Icon name="reply" />
          {p.replies}
        </button>
        <button
          class="btn quiet s" type="button" aria-label={`${p.mine.reposted ? 'You reposted' : 'Repost'}, ${count(p.reposts, 'repost')}`} aria-pressed={p.mine.reposted} aria-disabled={held}
          onClick={() => !p.mine.reposted && act.run(() => repost(p.id).then(() => say('Reposted')))}
        >
          <Icon name={p.mine.reposted ? 'check' : 'repost'} />
          {p.reposts}
        </button>
        <button
          class="btn quiet s" type="button" aria-label={`${reaction === null ? 'Like' : reaction === '+' ? 'You liked' : `You reacted with ${signOf(reaction)}`}, ${count(p.reactions, 'reaction')}`} aria-pressed={reaction !== null} aria-disabled={held}
          onClick={() => reaction === null && act.run(() => react(p.id).then(() => say('Liked')))}
        >
          <Icon name={reaction ? 'check' : 'like'} />
          {p.reactions}
        </button>
        {reaction === null && (
          <button class="btn quiet s" type="button" aria-label="React with another sign" aria-expanded={open.value === 'signs'} onClick={() => toggle('signs')}>
            <Icon name="sign" />
          </button>
        )}
        <button class="btn quiet s more" type="button" aria-label="More" aria-expanded={open.value === 'more'} onClick={() => toggle('more')}>
          <Icon name="more" />
        </button>
      </nav>
      {open.value === 'signs' && reaction === null && <ReactForm p={p} act={act} done={() => (open.value = 'no')} />}
      {open.value === 'more' && <More p={own} act={act} isOwn={own.pubkey === me} doing={doing} />}
      <Trouble act={act} title="It was not done" />
    </>
  )
}
