import { isDeepStrictEqual } from 'node:util';
import type { AuditEvent } from '../../contracts/audit.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { auditLimits, openAuditLog, type AuditLog } from '../audit/index.ts';
import type { AuthorityOptions } from './types.ts';

type AuditSettings = HostConfig['audit'];
type Told = Pick<AuthorityOptions, 'say' | 'recorded'>;

/**
 * The audit log of a running host. Where it cannot be written, the administrator is told, and the host goes on: whoever fills
 * the disk must not be able to shut everybody out.
 */
export class AuditBooks {
  readonly #told: Told;
  #log: AuditLog;
  #settings: AuditSettings;
  #isWritten = true;
  #isFailing = false;

  private constructor(log: AuditLog, settings: AuditSettings, told: Told) {
    this.#log = log;
    this.#settings = settings;
    this.#told = told;
  }

  static async open(settings: AuditSettings, told: Told): Promise<Result<AuditBooks>> {
    const log = await openLog(settings);
    return log.ok ? { ok: true, value: new AuditBooks(log.value, settings, told) } : log;
  }

  /** Goes on in another file or with other bounds, where they are others. */
  async move(after: AuditSettings): Promise<Result<undefined>> {
    const before = this.#settings;
    if (isDeepStrictEqual(before, after)) return { ok: true, value: undefined };
    // One file has one writer.
    const isSameFile = before.file === after.file;
    if (isSameFile) this.#log.close();
    const next = await openLog(after);
    if (!next.ok) {
      const again = isSameFile ? await openLog(before) : undefined;
      if (again?.ok === true) this.#log = again.value;
      return next;
    }
    if (!isSameFile) this.#log.close();
    this.#log = next.value;
    this.#settings = after;
    return { ok: true, value: undefined };
  }

  record(event: AuditEvent): void {
    const nowMs = Date.now();
    this.#attempt(() => {
      this.#log.append(event, nowMs);
      this.#isWritten = false;
    });
    this.#told.recorded?.(event, nowMs);
  }

  /** Waits for the disk, where there is something to wait for. */
  flush(): void {
    if (this.#isWritten) return;
    this.#attempt(() => {
      this.#log.flush();
      this.#isWritten = true;
    });
  }

  close(): void {
    this.#attempt(() => {
      this.#log.close();
    });
  }

  #attempt(write: () => void): void {
    try {
      write();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#told.say(`the audit log cannot be written: ${describeSystemError(error)}`);
      this.#isFailing = true;
    }
  }
}

async function openLog(settings: AuditSettings): Promise<Result<AuditLog>> {
  const { file } = settings;
  const refuse = (reason: string): Result<AuditLog> => ({
    ok: false,
    failure: failure('host.auditLog', { file, reason }),
  });
  try {
    const opened = await openAuditLog(file, auditLimits(settings), Date.now());
    return opened.ok ? { ok: true, value: opened.log } : refuse('another process writes it');
  } catch (error) {
    return refuse(describeSystemError(error));
  }
}
