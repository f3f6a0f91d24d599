import { Duplex, type DuplexOptions } from 'node:stream';
import { concat } from '../../../protocol/wire/bytes.ts';
import { LdapProblem } from '../problem.ts';
import { isAnswer } from './answers.ts';
import { messageLength } from './ber.ts';

/** More than any entry with its groups, and than all answers of one connection, which is there for one judgement. */
export const mostAnswerBytes = 1024 * 1024;

type Done = (error?: Error | null) => void;

/**
 * What ldapts takes for its socket: TLS underneath, of whose bytes it passes on one well-formed answer at a time. It ends with
 * a `problem` and never with an error, which nobody might be there to hear.
 */
export class AnswerStream extends Duplex {
  /** ldapts asks a socket these, to learn that it is connected. */
  readonly connecting = false;
  readonly readyState = 'open';
  readonly #socket: Duplex;
  /** What has come of the next answers, and how much of it is needed to go on. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #neededBytes = 1;
  #receivedBytes = 0;
  #problem: LdapProblem | undefined;

  constructor(socket: Duplex) {
    super({ readableObjectMode: true, allowHalfOpen: false } satisfies DuplexOptions);
    this.#socket = socket;
    socket.on('data', (bytes: Uint8Array) => {
      this.#take(bytes);
    });
    socket.on('error', ({ message }: Error) => {
      this.fail(new LdapProblem('connectionLost', message));
    });
    socket.on('close', () => {
      this.fail(new LdapProblem('connectionLost', 'the server closed the connection'));
    });
  }

  /** Why it ended; `undefined` while it has not, or where nobody minds. */
  get problem(): LdapProblem | undefined {
    return this.#problem;
  }

  fail(problem: LdapProblem): void {
    if (this.destroyed) return;
    this.#problem = problem;
    this.destroy();
  }

  override _read(): void {
    // Answers come when they come; how many at most is bounded by their bytes.
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#socket.write(chunk, (error) => {
      if (error) this.fail(new LdapProblem('connectionLost', error.message));
      done();
    });
  }

  override _final(done: Done): void {
    this.#socket.end();
    done();
  }

  override _destroy(_error: Error | null, done: Done): void {
    this.#socket.destroy();
    done();
  }

  #take(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes > mostAnswerBytes) {
      this.fail(new LdapProblem('tooLarge', `more than ${mostAnswerBytes} bytes of answers`));
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes < this.#neededBytes) return;
    const rest = this.#passOn(concat(...this.#waiting));
    this.#waiting = [rest];
    this.#waitingBytes = rest.length;
  }

  /** @returns the beginning of what has not come as a whole */
  #passOn(received: Uint8Array): Uint8Array {
    let rest = received;
    while (!this.destroyed) {
      const length = messageLength(rest);
      if (length === 'malformed') {
        this.#refuse();
      } else if (length !== undefined && length > mostAnswerBytes) {
        this.fail(new LdapProblem('tooLarge', `an answer of ${length} bytes`));
      } else if (length === undefined || rest.length < length) {
        this.#neededBytes = length ?? rest.length + 1;
        return rest;
      } else {
        const message = rest.slice(0, length);
        if (isAnswer(message)) this.push(Buffer.from(message.buffer));
        else this.#refuse();
        rest = rest.subarray(length);
      }
    }
    return rest;
  }

  #refuse(): void {
    this.fail(new LdapProblem('malformed', 'what came is not an answer of LDAP'));
  }
}
