import { BrowserWindow, dialog, type OpenDialogOptions } from 'electron';

/** What the user picks in the system's own dialog, and nothing else. Undefined where they cancelled. */
export async function askWhichFile(extensions: string[]): Promise<string | undefined> {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
  const options: OpenDialogOptions = { properties: ['openFile'], filters: [{ name: '', extensions }] };
  const { canceled, filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return canceled ? undefined : filePaths[0];
}
