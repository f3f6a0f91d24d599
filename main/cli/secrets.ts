import { createInterface, type Interface } from 'node:readline';
import { failure, type Result } from '../contracts/failure.ts';

/** Hands out standard input line by line, in the order in which secrets are asked for. */
export class SecretInput {
  #lines: AsyncIterator<string> | undefined;
  #input: Interface | undefined;

  async line(what: string): Promise<Result<string>> {
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
  if (!process.stdin.isTTY) {
    const how = `Give it with ${flag}, or run this command on a terminal to be asked.`;
    return { ok: false, failure: failure('credentials.missing', { what, how }) };
  }
  process.stderr.write(`${what[0]?.toUpperCase() ?? ''}${what.slice(1)}: `);
  process.stdin.setRawMode(true);
  try {
    const typed = await readHidden();
    process.stderr.write('\n');
    if (typed !== undefined && typed !== '') return { ok: true, value: typed };
    return { ok: false, failure: failure('credentials.missing', { what, how: 'Type it when asked.' }) };
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}

const endOfTransmission = '\u0004';
const interrupt = '\u0003';
const backspaces = ['\u007f', '\b'];

/** `undefined` when the user gave up. */
async function readHidden(): Promise<string | undefined> {
  let typed = '';
  process.stdin.setEncoding('utf8').resume();
  for await (const chunk of process.stdin.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    for (const char of chunk) {
      if (char === interrupt || char === endOfTransmission) return undefined;
      if (char === '\r' || char === '\n') return typed;
      typed = backspaces.includes(char) ? typed.slice(0, -1) : typed + char;
    }
  }
  return undefined;
}
