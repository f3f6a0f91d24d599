import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The argument of a start at login: the app waits in the tray, without a window. */
export const inBackground = '--background';

/** What starts at login by the XDG Autostart specification is a file in a folder of the user's. */
export function writeAutostart(configHome: string, command: readonly string[]): void {
  mkdirSync(join(configHome, 'autostart'), { recursive: true, mode: 0o700 });
  writeFileSync(fileIn(configHome), autostartEntry(command), { mode: 0o644 });
}

export function removeAutostart(configHome: string): void {
  rmSync(fileIn(configHome), { force: true });
}

export function autostartEntry(command: readonly string[]): string {
  const lines = [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Culvert',
    `Exec=${[...command, inBackground].map(quoted).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
  ];
  return `${lines.join('\n')}\n`;
}

/** Desktop Entry Specification, "The Exec key": quoted, with its four special characters escaped, and `%` doubled. */
function quoted(argument: string): string {
  // Twice for the backslash: once for the quoting, once for a string value of the file.
  const escaped = argument.replaceAll(/["`$\\]/g, (character) =>
    character === '\\' ? '\\\\\\\\' : `\\\\${character}`,
  );
  return `"${escaped.replaceAll('%', '%%')}"`;
}

function fileIn(configHome: string): string {
  return join(configHome, 'autostart', 'culvert.desktop');
}
