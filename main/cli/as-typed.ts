import { basename } from 'node:path';

/** Commands are written as they are typed where Culvert is installed: `culvert …`, alone, after `sudo`, or in quotes. */
const command = /(?<=^ *|sudo |["(|:] ?)culvert (?=[a-z<-])/gm;

/** In a folder that Culvert was cloned to, only npx finds it; npx says of itself that it runs something. */
const isByNpx = process.env['npm_command'] === 'exec' && basename(process.argv[1] ?? '') === 'culvert';

/** `text`, with its commands as they have to be typed here. */
export function asTyped(text: string, byNpx = isByNpx): string {
  return byNpx ? text.replaceAll(command, 'npx culvert ') : text;
}
