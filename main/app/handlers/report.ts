import { clipboard, dialog } from 'electron';
import { writeFile } from 'node:fs/promises';
import type { Handlers } from '../../contracts/ipc/index.ts';
import type { reportCalls } from '../../contracts/ipc/report.ts';
import { failure } from '../../contracts/failure.ts';
import { describeSystemError } from '../../profiles/load.ts';
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
      const { filePath } = await dialog.showSaveDialog({ defaultPath });
      if (filePath === '') return { ok: true, value: false };
      try {
        await writeFile(filePath, await report.text(), { mode: 0o600 });
        return { ok: true, value: true };
      } catch (error) {
        const facts = { file: filePath, reason: describeSystemError(error) };
        return { ok: false, failure: failure('app.report', facts) };
      }
    },
  };
}
