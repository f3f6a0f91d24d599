import { clipboard } from 'electron';
import type { Handlers } from '../../contracts/ipc/index.ts';
import type { reportCalls } from '../../contracts/ipc/report.ts';
import { askWhereTo, save } from '../files/dialogs.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function reportHandlers({ report }: Services): Handlers<keyof typeof reportCalls> {
  return {
    'report.read': async () => ({ ok: true, value: await report.text() }),
    'report.copy': async () => {
      const text = await report.text();
      // A promise in newer versions of Electron only.
      await Promise.resolve(clipboard.writeText(text));
      return done;
    },
    'report.save': async () => {
      const defaultPath = `culvert-report-${new Date().toISOString().slice(0, 10)}.txt`;
      const file = await askWhereTo({ defaultPath });
      if (file === undefined) return { ok: true, value: false };
      const saved = save(file, await report.text());
      return saved.ok ? { ok: true, value: true } : saved;
    },
  };
}
