import { createInterface, type Interface } from 'node:readline';
import { failure, type Result } from '../contracts/failure.ts';

/** Hands out standard input line by line, in the order in which secrets are asked for. */
export class SecretInput {
  #lines: AsyncIterator<string> | undefined;
  #input: Interface | undefined;

  async line(what: string): Promise<Result<string>> {
    // On a terminal a line would be shown while it is typed, and nothing would say what it is for.
    if (process.stdin.isTTY) return askHidden(what, process.stdin);
    this.#input ??= createInterface({ input: process.stdin });
    this.#lines ??= this.#input[Symbol.asyncIterator]();
    const next = await this.#lines.next();
    if (next.done === true || next.value === '') {
      const how = `Write the ${what} on a line of its own to standard input.`;
      return { ok: false, failure: failure('credentials.missing', { what, how }) };
    }
    return { ok: true, value: next.value };
  }

  /** The terminal stays: it may be asked again later. */
  close(): void {
    this.#input?.close();
    if (!process.stdin.isTTY) process.stdin.destroy();
  }
}

/** Asks on the terminal without echo. `flag` is what a script would use instead. */
export async function promptSecret(what: string, flag: string): Promise<Result<string>> {
  if (process.stdin.isTTY) return askHidden(what, process.stdin);
  const how = `Give it with ${flag}, or run this command on a terminal to be asked.`;
  return { ok: false, failure: failure('credentials.missing', { what, how }) };
}

export type Terminal = Pick<
  typeof process.stdin,
  'setRawMode' | 'setEncoding' | 'on' | 'off' | 'resume' | 'pause' | 'unshift'
>;

/** Asks for one secret; may be called again for the next one. */
export async function askHidden(what: string, terminal: Terminal): Promise<Result<string>> {
  const typed = await readTyped(`${what[0]?.toUpperCase() ?? ''}${what.slice(1)}: `, { isShown: false }, terminal);
  if (typed !== undefined && typed !== '') return { ok: true, value: typed };
  return { ok: false, failure: failure('credentials.missing', { what, how: 'Type it when asked.' }) };
}

/** One line, after `question`. `undefined` when the user gave up (Ctrl-C, Ctrl-D), or `signal` was aborted. */
export async function readTyped(
  question: string,
  { isShown, signal }: { readonly isShown: boolean; readonly signal?: AbortSignal },
  terminal: Terminal,
): Promise<string | undefined> {
  if (signal?.aborted === true) return undefined;
  // First, since whoever answers at once would see the terminal show it.
  terminal.setRawMode(true);
  process.stderr.write(question);
  try {
    return await readLine(terminal, isShown, signal);
  } finally {
    process.stderr.write('\n');
    terminal.setRawMode(false);
  }
}

const endOfTransmission = '\u0004';
const interrupt = '\u0003';
const backspaces = ['\u007f', '\b'];
const eraseOne = '\b \b';

/** What was typed ahead, or pasted, stays for the next question. */
function readLine(terminal: Terminal, isShown: boolean, signal: AbortSignal | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (line: string | undefined, ahead: string): void => {
      terminal.off('data', take).off('end', giveUp).pause();
      signal?.removeEventListener('abort', giveUp);
      if (ahead !== '') terminal.unshift(ahead);
      resolve(line);
    };
    const giveUp = (): void => {
      finish(undefined, '');
    };
    const take = (chunk: string): void => {
      const characters = Array.from(chunk);
      for (const [index, char] of characters.entries()) {
        const ahead = characters.slice(index + 1).join('');
        if (char === interrupt || char === endOfTransmission) {
          finish(undefined, ahead);
          return;
        }
        if (char === '\r' || char === '\n') {
          finish(typed.join(''), ahead);
          return;
        }
        const isErasing = backspaces.includes(char);
        if (isShown) process.stderr.write(isErasing ? (typed.length > 0 ? eraseOne : '') : char);
        typed = isErasing ? typed.slice(0, -1) : [...typed, char];
      }
    };
    signal?.addEventListener('abort', giveUp);
    terminal.setEncoding('utf8').on('data', take).on('end', giveUp).resume();
  });
}
