import { basename } from 'node:path';

/** In our own texts a command is in quotes, behind sudo, an example on a line of its own, or what commander says of its use. */
const command = /(?<=^ {2}|^\(|^Usage: |sudo |")culvert (?=[a-z<[-])/gm;

/** In a folder that Culvert was cloned to, only npx finds it. `--no`: never a package of that name from elsewhere. */
const byNpx = 'npx --no culvert ';
const isByNpx = process.env['npm_command'] === 'exec' && basename(process.argv[1] ?? '') === 'culvert';

/** `text`, which is ours, with its commands as they have to be typed here. */
export function asTyped(text: string, isTypedByNpx = isByNpx): string {
  return isTypedByNpx ? text.replaceAll(command, byNpx) : text;
}
