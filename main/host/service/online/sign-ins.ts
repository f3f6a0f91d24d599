import type { AuditEvent } from '../../../contracts/audit.ts';
import type { SignInFailure } from '../../../contracts/host-control.ts';

const kept = 200;

/** How sign-ins went since the start, from what the audit log records. */
export class SignIns {
  succeeded = 0;
  failed = 0;
  readonly #latest: SignInFailure[] = [];

  /** The latest first. */
  get failures(): readonly SignInFailure[] {
    return this.#latest.toReversed();
  }

  observe(event: AuditEvent, atMs: number): void {
    if (event.kind === 'authenticationSucceeded') this.succeeded++;
    if (event.kind !== 'authenticationFailed') return;
    this.failed++;
    const { user, source, phase, reason } = event;
    this.#latest.push({
      at: new Date(atMs).toISOString(),
      source,
      ...(user !== undefined && { user }),
      phase,
      reason,
    });
    if (this.#latest.length > kept) this.#latest.shift();
  }
}
