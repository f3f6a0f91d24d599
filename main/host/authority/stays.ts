import type { EndCause } from '../../session/host/index.ts';
import type { Admission, Ledger } from './ledger.ts';
import type { Bench } from './sign-in.ts';
import type { SourceName, Standing } from './sources/source.ts';

export interface StaysOptions {
  readonly ledger: Ledger;
  readonly bench: () => Bench;
  readonly end: (session: number, cause: EndCause) => void;
}

/** How often who was let in is judged anew: the store of this machine, and a directory that has to be asked over the network. */
function everyMs({ config }: Bench): Readonly<Record<SourceName, number>> {
  const directoryMs = config.authentication.recheck * 1000;
  return { local: 15_000, ldap: directoryMs, winbind: directoryMs, radius: Infinity };
}

/** Ends the sessions of users who may no longer be connected: disabled, removed, expired, out of hours, or of a source that is gone. */
export class Stays {
  readonly #options: StaysOptions;
  readonly #checkedMs: Record<SourceName, number> = { local: 0, ldap: 0, winbind: 0, radius: 0 };
  /** One check of a source at a time; a directory that takes its time delays no other. */
  readonly #underWay = new Map<SourceName, Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: StaysOptions) {
    this.#options = options;
  }

  /** Checks what is due. */
  pulse(nowMs: number): void {
    const every = everyMs(this.#options.bench());
    for (const name of Object.keys(every) as SourceName[]) {
      if (nowMs - this.#checkedMs[name] < every[name] || this.#underWay.has(name)) continue;
      this.#checkedMs[name] = nowMs;
      void this.check(name);
    }
  }

  /** Checks those whom this source judged. Never rejects. */
  async check(name: SourceName): Promise<void> {
    const work = this.#checkAfter(this.#underWay.get(name), name);
    this.#underWay.set(name, work);
    await work;
    if (this.#underWay.get(name) === work) this.#underWay.delete(name);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #checkAfter(before: Promise<void> | undefined, name: SourceName): Promise<void> {
    await before;
    for (const { session, admission } of this.#options.ledger.admitted()) {
      if (admission.judgedBy.source !== name) continue;
      // Who cannot be asked about one cannot be asked about the others.
      if (this.#stopped.signal.aborted || (await this.#checkOne(session, admission)) === 'unsure') return;
    }
  }

  async #checkOne(session: number, admission: Admission): Promise<Standing> {
    const { bench, end, ledger } = this.#options;
    const source = bench().sources.find(({ name }) => name === admission.judgedBy.source);
    if (source === undefined) {
      end(session, 'reconfigured');
      return 'stays';
    }
    const standing = await source.recheck(admission, this.#stopped.signal).catch((): Standing => 'unsure');
    // It may have ended, or been judged anew.
    if (ledger.get(session)?.admission !== admission) return 'stays';
    if (standing === 'hoursEnded' || standing === 'accountClosed') end(session, standing);
    return standing;
  }
}
