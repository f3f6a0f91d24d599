import { BrowserWindow, dialog } from 'electron';
import type { Result } from '../../contracts/failure.ts';
import { writeDurably } from '../../files/durable.ts';
import { guarded } from './failures.ts';

/** Where the user says in the system's own dialog, and nowhere else. Undefined where they cancelled. */
export async function askWhereTo(defaultPath: string): Promise<string | undefined> {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
  const options = { defaultPath };
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === '' ? undefined : filePath;
}

/** @returns where it is, readable by its owner alone; undefined where the user cancelled */
export async function saveFile(defaultPath: string, content: string | Uint8Array): Promise<Result<string | undefined>> {
  const file = await askWhereTo(defaultPath);
  return guarded(() => {
    if (file !== undefined) writeDurably(file, content);
    return { ok: true, value: file };
  });
}
