// How far a transaction has come: sent, included, finalized.
export type Stage = 'sent' | 'included' | 'finalized'

const STAGES: Stage[] = ['sent', 'included', 'finalized']
const NAMES: Record<Stage, string> = { sent: 'Sent', included: 'Included', finalized: 'Finalized' }

// `notes` are short words under a step. The step that is waited for is the present one.
export function Steps({ stage, notes, of }: { stage: Stage; notes: Record<Stage, string | null>; of: string }) {
  const reached = STAGES.indexOf(stage)
  return (
    <ol class="track" aria-label={`Progress of ${of}`}>
      {STAGES.map((s, i) => (
        <li key={s} class={i <= reached ? 'done' : i === reached + 1 ? 'now' : undefined} aria-current={i === reached + 1 ? 'step' : undefined}>
          {NAMES[s]}
          {notes[s] && (
            <>
              <br />
              {notes[s]}
            </>
          )}
        </li>
      ))}
    </ol>
  )
}
