// Proposing answers: what would my proposal do, is that what I mean, and may I propose it?
import { signal, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Of } from '../check'
import { readPreview, type Action } from '../contract-dao'
import { com, dao, signed, templates } from '../dao'
import { reason } from '../format'
import { plainLine } from '../plain'
import { ADDRESS, goTo, route } from '../route'
import { say } from '../say'
import { parseAmount } from '../units'
import { Card, Pick } from '../parts/Card'
import { DaoPage, nameOfCom, useAccount } from '../parts/Dao'
import { Tree, Warnings } from '../parts/Explained'
import { Go, onSubmit, Trouble, useAct } from '../parts/Form'
import { Note } from '../parts/Notes'

interface Draft {
  key: number
  kind: string
  values: Record<string, string>
}
let next = 1
const drafts = signal<Draft[]>([])
const edit = (key: number, change: Partial<Draft>): void => void (drafts.value = drafts.value.map(d => (d.key === key ? { ...d, ...change } : d)))
type Form = Of<typeof import('../contract-dao').readTemplates>['templates'][number]
const HINTS: Record<string, string> = { wei: 'in ether', address: '0x…', list: 'as a JSON list, ["0x…", "5"]', hex: '0x…' }

// What was typed, in the node's form; throws what is wrong with it in words.
function actionOf(d: Draft, form: Form): Action {
  const out: Action = { kind: d.kind }
  for (const f of form.fields) {
    const typed = (d.values[f.name] ?? '').trim()
    const wrong = (what: string): never => {
      throw new Error(`${f.label || f.name}: ${what}.`)
    }
    if (f.type === 'wei') {
      const wei = parseAmount(typed || '0', 18)
      out[f.name] = wei === null ? wrong('that is no amount of ether') : String(wei)
    } else if (f.type === 'address') out[f.name] = ADDRESS.test(typed) ? typed : wrong('an address begins with 0x and has 40 digits')
    else if (f.type === 'list') {
      try {
        out[f.name] = JSON.parse(typed || '[]')
      } catch {
        wrong('that is no JSON list')
      }
    } else if (typed) out[f.name] = f.type === 'number' ? typed.replace(/[,_ ]/g, '') : typed
  }
  return out
}

function One({ d, n, forms }: { d: Draft; n: number; forms: Form[] }) {
  const form = forms.find(f => f.kind === d.kind)
  return (
    <fieldset class="stack">
      <legend class="sr">Action {n}</legend>
      <Pick label={`What action ${n} does`} value={d.kind} of={forms.map(f => [f.kind, f.title] as const)} onPick={kind => edit(d.key, { kind, values: {} })} />
      {form?.fields.map(f => (
        <div class="field" key={d.kind + f.name}>
          <label for={`${d.key}-${f.name}`}>
            {f.label || f.name} <span class="help">{HINTS[f.type] ?? ''}</span>
          </label>
          <input
            id={`${d.key}-${f.name}`} class={f.type === 'address' || f.type === 'hex' ? 'mono' : undefined} autocomplete="off" spellcheck={false} value={d.values[f.name] ?? ''}
            onInput={e => edit(d.key, { values: { ...d.values, [f.name]: e.currentTarget.value } })}
          />
        </div>
      ))}
      <span>
        <button class="btn s quiet" type="button" onClick={() => (drafts.value = drafts.value.filter(x => x.key !== d.key))}>
          Remove<span class="sr"> action {n}</span>
        </button>
      </span>
    </fieldset>
  )
}

function Preview({ of }: { of: Of<typeof readPreview> }) {
  const failed = of.propose?.would_fail
  const run = of.simulation
  const error = run?.error && (typeof run.error === 'string' ? run.error : (run.error as { text?: unknown }).text)
  const isUndone = Array.isArray(run?.results) && run.results.some((r: { status?: unknown; revert?: unknown }) => r?.revert || r?.status === 'failed' || r?.status === 'reverted')
  return (
    <Card id="preview" title="What it would be">
      <div class="body">
        {failed && <Note tone="bad" icon="failed" title={`You could not propose it now: ${plainLine(failed, 300)}`} />}
        {run && (error || isUndone ? <Note tone="bad" icon="failed" title={typeof error === 'string' ? `It could not be rehearsed: ${plainLine(error, 300)}` : 'It would fail if it ran now'} /> : <Note tone="ok" icon="proven" title="Rehearsed on proven state: it would run now" />)}
        {of.explain.map((e, i) => (
          <section class="stack tight" key={i} aria-label={`Action ${i + 1}`}>
            <p>
              <b>{i + 1}.</b> {plainLine(e.sentence || e.title, 400)}
            </p>
            <Warnings e={e} />
            {e.tree && !Array.isArray(e.tree) && <Tree nodes={e.tree.args} />}
          </section>
        ))}
        <dl class="kv">
          <dt>Its id</dt>
          <dd class="mono">{of.id ?? 'known once it is in a block'}</dd>
          {of.timelock_id && (
            <>
              <dt>In the timelock</dt>
              <dd class="mono">{of.timelock_id}</dd>
            </>
          )}
        </dl>
      </div>
    </Card>
  )
}

export function Propose() {
  const act = useAct()
  const account = useAccount()
  const title = useRef<HTMLInputElement>(null)
  const text = useRef<HTMLTextAreaElement>(null)
  const seen = useSignal<{ of: string; preview: Of<typeof readPreview> } | null>(null)
  const c = com.now.value.value
  const forms = templates.now.value.value?.templates ?? []
  const params = (): Record<string, unknown> => {
    const name = title.current?.value.trim()
    if (!name) throw new Error('Give it a title first.')
    const actions = drafts.value.map(d => actionOf(d, forms.find(f => f.kind === d.kind)!))
    return { address: route.value.arg, ...(account.address && { account: account.address }), actions, description: `# ${name}\n\n${text.current?.value.trim() ?? ''}`.trim() }
  }
  const run = (isFinal: boolean): void => {
    let p: Record<string, unknown>
    try {
      p = params()
    } catch (error) {
      return act.fail((error as Error).message)
    }
    const of = JSON.stringify(p)
    if (isFinal && seen.value?.of !== of) return act.fail('It has changed since you looked at it. Look at it again first.')
    act.run(async () => {
      if (!isFinal) return (seen.value = { of, preview: await dao('preview', p, readPreview) })
      const done = await signed('propose', p)
      drafts.value = []
      say('Proposed')
      return goTo(done.id ? `#/proposal/${route.value.arg}.${done.id}` : `#/community/${route.value.arg}`)
    })
  }
  return (
    <DaoPage of={com} tab="Propose" title="Propose something" lede={c && <>To <a href={`#/community/${c.address}`}>{nameOfCom(c)}</a>. It is public, and cannot be changed once it is proposed.</>} what="the community">
      <div class="cols">
        <form class="stack" onSubmit={onSubmit(() => run(false))}>
          <Card id="text" title="What it says">
            <div class="body">
              <div class="field">
                <label for="p-title">Title</label>
                <input id="p-title" ref={title} maxLength={200} autocomplete="off" />
              </div>
              <div class="field">
                <label for="p-text">Why, and what exactly</label>
                <textarea id="p-text" ref={text} maxLength={60_000} rows={8} />
              </div>
            </div>
          </Card>
          <Card id="actions" title="What it does">
            <div class="body">
              {drafts.value.map((d, i) => (
                <One key={d.key} d={d} n={i + 1} forms={forms} />
              ))}
              {!drafts.value.length && <p class="mute">Nothing yet. A proposal without an action is a statement.</p>}
              <span>
                <button class="btn" type="button" aria-disabled={!forms.length} onClick={() => forms[0] && (drafts.value = [...drafts.value, { key: next++, kind: forms[0].kind, values: {} }])}>
                  Add an action
                </button>
              </span>
              {templates.now.value.error && <p class="small mute">{reason(templates.now.value.error.message)}</p>}
            </div>
          </Card>
          {account.pick}
          <span class="line">
            <Go act={act} busy="Working" main={!seen.value}>
              Look at it first
            </Go>
            {seen.value && account.address && (
              <button class="btn main" type="button" aria-disabled={act.isBusy} onClick={() => run(true)}>
                Propose it
              </button>
            )}
          </span>
          <Trouble act={act} title="Nothing was proposed" />
        </form>
        <aside class="stack" aria-label="Preview">
          {seen.value ? <Preview of={seen.value.preview} /> : <p class="small mute">Before you propose it, your node runs it on proven state and tells what it would do, and its id.</p>}
        </aside>
      </div>
    </DaoPage>
  )
}
