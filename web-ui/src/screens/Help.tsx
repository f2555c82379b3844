// Help: what the words of this page mean, where things lie, and what to type when in doubt.
import { Icon, type IconName } from '../icons'
import { info } from '../node'
import { Title } from '../parts/Title'
import { Card } from '../parts/Card'

const PILLS: { s: string; icon: IconName; word: string; means: string }[] = [
  { s: 'ok', icon: 'proven', word: 'Verified', means: 'The newest head was proven here, by signatures your node checked itself, and it is fresh.' },
  { s: 'syncing', icon: 'sync', word: 'Syncing', means: 'Your node proves its way to the newest head. Values you see are from before and say their age.' },
  { s: 'stale', icon: 'stale', word: 'Stale', means: 'Everything was proven, but no newer head came when one was due. Old is never shown as live.' },
  { s: 'offline', icon: 'off', word: 'Offline', means: 'No provider answers your node, or this page cannot reach your node. Then the page turns grey.' },
  { s: 'lied', icon: 'failed', word: 'Provider lied', means: 'An answer failed its proof. You never saw it; the provider was dropped and the evidence kept.' },
  { s: 'error', icon: 'failed', word: 'Stopped', means: 'Your node cannot go on without you. Home says what to do.' }
]

const MARKS: { tone: string; icon: IconName; word: string; means: string }[] = [
  { tone: 'ok', icon: 'proven', word: 'Proven', means: 'checked here against the head, now' },
  { tone: 'stale', icon: 'stale', word: '4 min old', means: 'proven once, but not the newest any more' },
  { tone: 'un', icon: 'unproven', word: 'Unproven', means: 'somebody’s claim' }
]

export function Help() {
  return (
    <>
      <Title tab="Help" lede="What this page says about your node, and what to do when it says something else.">
        Help
      </Title>
      <div class="cols">
        <div class="stack">
          <Card id="pill" title="The pill at the top">
            <ul class="rows pills">
              {PILLS.map(p => (
                <li key={p.s}>
                  <span class="trust" data-s={p.s}>
                    <Icon name={p.icon} />
                    <b>{p.word}</b>
                  </span>
                  <span>{p.means}</span>
                </li>
              ))}
            </ul>
          </Card>
          <Card id="mark" title="The mark beside a value">
            <div class="body">
              <dl class="kv">
                {MARKS.map(m => [
                  <dt key={m.word}>
                    <span class={`prov ${m.tone}`}>
                      <Icon name={m.icon} />
                      {m.word}
                    </span>
                  </dt>,
                  <dd key={`${m.word}-means`}>{m.means}</dd>
                ])}
              </dl>
              <p class="mute">Press a mark to see the block, the age and who gave the proof.</p>
            </div>
          </Card>
        </div>
        <aside class="stack" aria-label="On this computer">
          <Card id="cli" title="In the terminal">
            <div class="body">
              <div>
                <code class="raw">hearth status</code>
                <p class="small mute">What this page says, in one screen of text.</p>
              </div>
              <div>
                <code class="raw">hearth doctor</code>
                <p class="small mute">Looks for what is wrong and names the next step. It changes nothing.</p>
              </div>
            </div>
          </Card>
          <Card id="data" title="Where your data lies">
            <div class="body">
              {info.value ? <code class="raw">{info.value.data_dir}</code> : <p class="mute">Your node has not said yet.</p>}
              <p class="small mute">
                On this computer and nowhere else. This page asks no other host for anything; it keeps only your choice of
                theme in this browser.
              </p>
              <p class="small">
                <a href="#/settings/sessions">Which browsers are signed in</a>
              </p>
              <p class="small">
                <a href="#/connect">Connect a wallet or a program</a>
              </p>
            </div>
          </Card>
        </aside>
      </div>
    </>
  )
}
