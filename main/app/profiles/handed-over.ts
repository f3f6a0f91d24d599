import { app } from 'electron';
import { resolve } from 'node:path';
import { isLink } from '../../profiles/documents/link.ts';
import type { ImportDesk } from './import-desk.ts';

/** Files and links that the system has the app open: at its start, while it runs, and as macOS does it. `onOpened`: there was one. */
export function takeHandedOver(imports: ImportDesk, onOpened: () => void): void {
  const open = (argument: string, folder = process.cwd()): void => {
    if (imports.open(isLink(argument) ? argument : resolve(folder, argument))) onOpened();
  };
  app.on('second-instance', (_event, argv, folder) => {
    for (const argument of argv.slice(1)) open(argument, folder);
  });
  app.on('open-file', (_event, path) => {
    open(path);
  });
  app.on('open-url', (_event, url) => {
    open(url);
  });
  for (const argument of process.argv.slice(1)) open(argument);
}
