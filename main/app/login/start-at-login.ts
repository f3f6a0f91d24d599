import { app } from 'electron';
import { inBackground, removeAutostart, writeAutostart } from './autostart.ts';

/** Makes the system start the app at login, or not. @throws on system errors */
export function startAtLogin(wanted: boolean, configHome: string): void {
  if (process.platform === 'linux') {
    if (wanted) writeAutostart(configHome, ownCommand());
    else removeAutostart(configHome);
  } else if (app.getLoginItemSettings({ args: [inBackground] }).openAtLogin !== wanted) {
    app.setLoginItemSettings({ openAtLogin: wanted, args: [inBackground] });
  }
}

/** How this very program is started: an AppImage is mounted elsewhere each time; in development Electron is told what to run. */
function ownCommand(): string[] {
  if (app.isPackaged) return [process.env['APPIMAGE'] ?? process.execPath];
  return [process.execPath, app.getAppPath()];
}
