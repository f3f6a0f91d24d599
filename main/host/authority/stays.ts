import type { EndCause } from '../../session/host/index.ts';
import type { Ledger, LiveSession } from './ledger.ts';
import type { Bench } from './sign-in.ts';
import type { SourceName, Standing } from './sources/source.ts';

export interface StaysOptions {
  readonly ledger: Ledger;
  readonly bench: () => Bench;
  readonly end: (session: number, cause: EndCause) => void;
}

/** How often who was let in is judged anew: the store of this machine, and a directory that has to be asked over the network. */
const everyMs: Readonly<Record<SourceName, number>> = { local: 15_000, ldap: 300_000, radius: Infinity };

/** Ends the sessions of users who may no longer be connected: disabled, removed, expired, out of hours, or of a source that is gone. */
export class Stays {
  readonly #options: StaysOptions;
  readonly #checkedMs: Record<SourceName, number> = { local: 0, ldap: 0, radius: 0 };
  readonly #stopped = new AbortController();
  #underWay: Promise<void> | undefined;

  constructor(options: StaysOptions) {
    this.#options = options;
  }

  /** Checks what is due. */
  pulse(nowMs: number): void {
    const due = (Object.keys(everyMs) as SourceName[]).filter((name) => nowMs - this.#checkedMs[name] >= everyMs[name]);
    if (due.length === 0 || this.#underWay !== undefined) return;
    for (const name of due) this.#checkedMs[name] = nowMs;
    void this.check(due);
  }

  /** Checks those whom these sources judged; one check at a time. Never rejects. */
  async check(sources: readonly SourceName[]): Promise<void> {
    const before = this.#underWay;
    const work = (async () => {
      await before;
      for (const session of this.#options.ledger.admitted()) {
        if (sources.includes(session.admission.judgedBy.source)) await this.#checkOne(session);
      }
    })();
    this.#underWay = work;
    await work;
    if (this.#underWay === work) this.#underWay = undefined;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #checkOne({ session, admission }: LiveSession): Promise<void> {
    if (admission === undefined || this.#stopped.signal.aborted) return;
    const { bench, end, ledger } = this.#options;
    const source = bench().sources.find(({ name }) => name === admission.judgedBy.source);
    if (source === undefined) {
      end(session, 'reconfigured');
      return;
    }
    const standing = await source.recheck(admission, this.#stopped.signal).catch((): Standing => 'unsure');
    // It may be another's by now, or judged anew.
    if (ledger.get(session)?.admission !== admission) return;
    if (standing === 'hoursEnded' || standing === 'accountClosed') end(session, standing);
  }
}
