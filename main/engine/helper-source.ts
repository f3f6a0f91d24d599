import { failure, type Failure, type FailureCode, type Result } from '../contracts/failure.ts';
import type { Helper } from '../helper/index.ts';

/** Of these, an administrator's password makes up: the service gives this user no helper. */
const withoutService: ReadonlySet<FailureCode> = new Set([
  'helper.notRunning',
  'helper.notAllowed',
  'helper.serviceBroken',
  'helper.serviceStart',
  'helper.serviceBusy',
]);

/**
 * Where a connection has its helper from. The first is opened before the user is asked for anything, so that nobody types a password
 * in vain; an administrator's password is asked for only then, and only where the user wished so.
 */
export class HelperSource {
  readonly #open: () => Promise<Result<Helper>>;
  readonly #elevate: (() => Promise<Result<undefined>>) | undefined;
  #prepared: Helper | undefined;

  /** `elevate`: the user's wish. */
  constructor(open: () => Promise<Result<Helper>>, elevate?: () => Promise<Result<undefined>>) {
    this.#open = open;
    this.#elevate = elevate;
  }

  /** What keeps it from there, or nothing. Whoever stops it need not wait for the password. */
  async prepare(signal: AbortSignal): Promise<Failure | undefined> {
    const opening = this.#first(signal);
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(undefined);
      });
      if (signal.aborted) resolve(undefined);
    });
    const opened = await Promise.race([opening, stopped]);
    if (opened === undefined) {
      void opening.then((late) => {
        if (late.ok) late.value.close();
      });
      return failure('user.stopped');
    }
    if (!opened.ok) return opened.failure;
    this.#prepared = opened.value;
    return undefined;
  }

  /** For the connection: the one that was prepared, later a new one. */
  open(): Promise<Result<Helper>> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    return prepared === undefined ? this.#open() : Promise.resolve({ ok: true, value: prepared });
  }

  /** The connection ended before it wanted any. */
  close(): void {
    this.#prepared?.close();
    this.#prepared = undefined;
  }

  /** Nobody takes a helper that came too late: it ends by itself. */
  async #first(signal: AbortSignal): Promise<Result<Helper>> {
    const opened = await this.#open();
    if (opened.ok || this.#elevate === undefined || !withoutService.has(opened.failure.code)) return opened;
    const started = await this.#elevate();
    if (signal.aborted) return { ok: false, failure: failure('user.stopped') };
    return started.ok ? this.#open() : started;
  }
}
