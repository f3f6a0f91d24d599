import { Check, Circle, LoaderCircle, X } from 'lucide-react';
import type { ConnectionSlice, PhaseView } from '../../../main/contracts/app-state/connection.ts';
import { type Phase, phases as allPhases } from '../../../main/contracts/failure.ts';
import { strings } from '../../strings/index.ts';
import { Card } from '../../ui/card/card.tsx';
import { formatClock } from '../../ui/format.ts';
import styles from './phases.module.css';

const text = strings.connect;

/** The phases of a connection, each with its state, what it found, and its time. */
export function Phases({ connection }: { readonly connection: Extract<ConnectionSlice, { phases: unknown }> }) {
  const { phases, notes } = connection;
  const rows = rowsOf(phases, connection.at);
  return (
    <Card title={text.phases.title}>
      <ol className={styles.phases}>
        {rows.map(({ phase, shown }) => (
          <PhaseRow key={phase} phase={phase} shown={shown} />
        ))}
      </ol>
      {notes.length > 0 && (
        <>
          <h3 className={styles.heading}>{text.notes}</h3>
          <ul className={styles.notes}>
            {notes.map(({ at, text: said }, index) => (
              <li key={index}>
                <time>{formatClock(at)}</time> <span className="selectable">{said}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

interface Row {
  readonly phase: Phase;
  readonly shown: PhaseView | undefined;
}

/** Those of the dial, in their order: what was not needed (a gateway without a name) is left out once it is over. */
function rowsOf(phases: readonly PhaseView[], at: ConnectionSlice['at']): Row[] {
  const rows = (Object.keys(allPhases) as Phase[]).map((phase) => ({
    phase,
    shown: phases.find((each) => each.phase === phase),
  }));
  const isAhead = (phase: Phase): boolean => at === 'dialling' && phase !== 'setup' && phase !== 'online';
  return rows.filter(({ phase, shown }) => shown !== undefined || isAhead(phase));
}

function PhaseRow({ phase, shown }: Row) {
  const state = shown?.state ?? 'waiting';
  return (
    <li className={styles.phase} data-state={state} aria-current={state === 'running' ? 'step' : undefined}>
      <Mark state={state} />
      <span className={styles.title}>{allPhases[phase].title}</span>
      <span className="heard">{text.phases[state]}</span>
      <span className={styles.detail}>{shown?.state === 'done' ? shown.detail : ''}</span>
      <span className={styles.took}>{shown?.state === 'done' ? text.phases.milliseconds(shown.tookMs) : ''}</span>
    </li>
  );
}

function Mark({ state }: { readonly state: PhaseView['state'] | 'waiting' }) {
  switch (state) {
    case 'running':
      return <LoaderCircle aria-hidden className={styles.spinning} />;
    case 'done':
      return <Check aria-hidden />;
    case 'failed':
      return <X aria-hidden />;
    case 'waiting':
      return <Circle aria-hidden />;
  }
}
