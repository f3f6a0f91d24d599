// The app's main process begins here.
import { app, protocol } from 'electron';
import { keepSecretsOutOfCores } from '../engine/core-dumps.ts';
import { compose } from './compose.ts';
import { userFolders } from './folders.ts';
import { pageScheme } from './window/page-files.ts';
import { lockDownContents } from './window/lockdown.ts';
import { join } from 'node:path';

keepSecretsOutOfCores();
// As root there is no sandbox to be had (development in a container); an ordinary user's window always has it.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
app.setName('Culvert');
const folders = userFolders();
app.setPath('userData', join(folders.state, 'window'));
app.setPath('sessionData', join(folders.cache, 'window'));
protocol.registerSchemesAsPrivileged([
  { scheme: pageScheme, privileges: { standard: true, secure: true, codeCache: true } },
]);
app.on('web-contents-created', (_event, contents) => {
  lockDownContents(contents);
});

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(() => compose(folders));
} else {
  // The first instance hears of it, and shows its window.
  app.quit();
}
