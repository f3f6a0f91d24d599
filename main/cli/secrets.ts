import { writeFileSync } from 'node:fs';
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

  close(): void {
    this.#input?.close();
    process.stdin.destroy();
  }
}

/** Asks on the terminal without echo. `flag` is what a script would use instead. */
export async function promptSecret(what: string, flag: string): Promise<Result<string>> {
  if (process.stdin.isTTY) return askHidden(what, process.stdin);
  const how = `Give it with ${flag}, or run this command on a terminal to be asked.`;
  return { ok: false, failure: failure('credentials.missing', { what, how }) };
}

type Terminal = Pick<
  typeof process.stdin,
  'setRawMode' | 'setEncoding' | 'on' | 'off' | 'resume' | 'pause' | 'unshift'
>;

/** Asks for one secret; may be called again for the next one. */
export async function askHidden(what: string, terminal: Terminal): Promise<Result<string>> {
  process.stderr.write(`${what[0]?.toUpperCase() ?? ''}${what.slice(1)}: `);
  terminal.setRawMode(true);
  try {
    const typed = await readHidden(terminal);
    process.stderr.write('\n');
    if (typed !== undefined && typed !== '') return { ok: true, value: typed };
    return { ok: false, failure: failure('credentials.missing', { what, how: 'Type it when asked.' }) };
  } finally {
    terminal.setRawMode(false);
  }
}

const endOfTransmission = '\u0004';
const interrupt = '\u0003';
const backspaces = ['\u007f', '\b'];

/** `undefined` when the user gave up. What was typed ahead, or pasted, stays for the next question. */
function readHidden(terminal: Terminal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (secret: string | undefined, ahead: string): void => {
      terminal.off('data', take).off('end', hangUp).pause();
      if (ahead !== '') terminal.unshift(ahead);
      resolve(secret);
    };
    const hangUp = (): void => {
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
        typed = backspaces.includes(char) ? typed.slice(0, -1) : [...typed, char];
      }
    };
    terminal.setEncoding('utf8').on('data', take).on('end', hangUp).resume();
  });
}

/** A core of this process would hold keys and passwords: leave its memory out of any (core(5)). */
export function keepSecretsOutOfCores(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Not Linux, or no /proc: then there is no such switch.
  }
}
