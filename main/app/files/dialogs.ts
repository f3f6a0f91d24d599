import { BrowserWindow, dialog, type OpenDialogOptions, type SaveDialogOptions } from 'electron';
import { failure, type Result } from '../../contracts/failure.ts';
import { writeDurably } from '../../files/durable.ts';
import { describeSystemError } from '../../files/system-error.ts';

/** Files where the user says in the system's own dialog, and nowhere else. */

/** `undefined`: nowhere. */
export async function askWhereTo(options: SaveDialogOptions): Promise<string | undefined> {
  const window = before();
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === '' ? undefined : filePath;
}

export async function askWhichFiles(options: OpenDialogOptions): Promise<readonly string[]> {
  const window = before();
  const { canceled, filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return canceled ? [] : filePaths;
}

/** @returns where it is, readable by its owner alone */
export function save(file: string, content: string | Uint8Array): Result<string> {
  try {
    writeDurably(file, content);
    return { ok: true, value: file };
  } catch (error) {
    return { ok: false, failure: failure('app.fileNotWritten', { file, reason: describeSystemError(error) }) };
  }
}

/** @returns where it is; `undefined` where the user cancelled */
export async function saveWhereAsked(
  options: SaveDialogOptions,
  content: string | Uint8Array,
): Promise<Result<string | undefined>> {
  const file = await askWhereTo(options);
  return file === undefined ? { ok: true, value: undefined } : save(file, content);
}

/** What the dialog stands before. */
const before = () => BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
