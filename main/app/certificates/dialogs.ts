import { BrowserWindow, dialog, type FileFilter, type OpenDialogOptions, type SaveDialogOptions } from 'electron';

/** Where the user says, and nowhere else. `undefined`: nowhere. */
export async function askForPlace(name: string, extension: string): Promise<string | undefined> {
  const filter: FileFilter = { name: extension, extensions: [extension] };
  const options: SaveDialogOptions = { defaultPath: `${name}.${extension}`, filters: [filter] };
  const window = before();
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === '' ? undefined : filePath;
}

export async function askForFiles(extensions: readonly string[]): Promise<readonly string[]> {
  const options: OpenDialogOptions = {
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: extensions.join(', '), extensions: [...extensions] },
      { name: '*', extensions: ['*'] },
    ],
  };
  const window = before();
  const { canceled, filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return canceled ? [] : filePaths;
}

/** What the dialog stands before. */
const before = () => BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
