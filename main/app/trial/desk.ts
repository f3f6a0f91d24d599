import type { Result } from '../../contracts/failure.ts';
import { startTrial, type Trial } from '../../trial/index.ts';
import type { Dialable } from '../profiles/desk.ts';

/** One trial for all who connect to it: begun with the first, over with the last. */
export class TrialDesk {
  readonly #version: string;
  readonly #log: (text: string) => void;
  #trial: Promise<Result<Trial>> | undefined;
  #connections = 0;

  constructor(version: string, log: (text: string) => void) {
    this.#version = version;
    this.#log = log;
  }

  async find(): Promise<Result<Dialable>> {
    this.#connections += 1;
    this.#trial ??= startTrial(this.#version, this.#log);
    const started = await this.#trial;
    if (!started.ok) {
      await this.#release();
      return started;
    }
    const { profile, password, preSharedKey, openHelper, carrySomething } = started.value;
    return {
      ok: true,
      value: {
        ...{ profile, password, preSharedKey },
        certificates: () => Promise.resolve({ ok: true, value: {} }),
        learned: () => Promise.resolve(undefined),
        trial: { openHelper, carrySomething, over: () => this.#release() },
      },
    };
  }

  async #release(): Promise<void> {
    this.#connections -= 1;
    if (this.#connections > 0) return;
    const started = await this.#trial;
    // Somebody else may have come meanwhile.
    if (this.#connections > 0 || started === undefined) return;
    this.#trial = undefined;
    if (started.ok) await started.value.stop();
  }
}
