import type { Handlers } from '../../contracts/ipc/index.ts';
import type { logCalls } from '../../contracts/ipc/log.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function logHandlers({ log, report }: Services): Handlers<keyof typeof logCalls> {
  return {
    'log.read': ({ after, limit, redacted }) => {
      const lines = log.read(after, limit);
      if (!redacted) return { ok: true, value: lines };
      const redactor = report.redactor();
      return { ok: true, value: lines.map((line) => ({ ...line, text: redactor.redact(line.text) })) };
    },
    'log.clear': () => {
      log.clear();
      return done;
    },
  };
}
