import { readFileSync } from 'node:fs';

/** Of a file of our own that is no loss: undefined where it is not there, or holds no JSON. Not for files that others wrote. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
