import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { ControlContract, Refused } from '../contracts/control.ts';
import { runtimeFolder } from './folders.ts';

/** Whoever connects says what they want at once, and takes the answer. */
const slowestPeerMs = 5000;
const answerTimeoutMs = 60_000;
const connectionsAtOnce = 32;

/**
 * Serves a control socket: a line of JSON each way, then it hangs up. Only the owner may open it.
 * Rejects where the folder cannot be made or is open to others, and where a running process has the socket.
 */
export async function serveControl<Request, Answer>(
  path: string,
  contract: ControlContract<Request, Answer>,
  answer: (request: Request) => Promise<Answer>,
): Promise<Server> {
  makeFolder(dirname(path));
  const { uid, mode } = statSync(dirname(path));
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${dirname(path)} is open to other users`);
  if (await isServed(path)) throw new Error(`another process serves ${path}`);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    void serveOne(socket, contract, answer);
  });
  server.maxConnections = connectionsAtOnce;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

/** For the owner alone; but the folder of the whole system is everybody's to pass, since the helper's service listens there too. */
function makeFolder(folder: string): void {
  const shared = runtimeFolder();
  if (folder.startsWith(`${shared}/`) && mkdirSync(shared, { recursive: true }) !== undefined) chmodSync(shared, 0o755);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

async function serveOne<Request, Answer>(
  socket: Socket,
  contract: ControlContract<Request, Answer>,
  answer: (request: Request) => Promise<Answer>,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const line = await readLine(socket, contract.longestRequestBytes, slowestPeerMs);
    const said = await reply(line, contract, answer);
    // The answer may have taken long: only now does the peer's time to take it begin.
    const timer = setTimeout(() => socket.destroy(), slowestPeerMs);
    socket.once('close', () => {
      clearTimeout(timer);
    });
    socket.end(`${said}\n`, () => socket.destroy());
  } catch {
    socket.destroy();
  }
}

async function reply<Request, Answer>(
  line: string,
  contract: ControlContract<Request, Answer>,
  answer: (request: Request) => Promise<Answer>,
): Promise<string> {
  const json = parsed(line);
  if (json === undefined) return refusal('not JSON');
  const request = contract.request.safeParse(json);
  if (!request.success) return refusal('not a request');
  const said = JSON.stringify(z.encode(contract.answer, await answer(request.data)));
  return Buffer.byteLength(said) < contract.longestAnswerBytes ? said : refusal('the answer is too long');
}

function refusal(reason: string): string {
  return JSON.stringify({ answer: 'refused', reason } satisfies Refused);
}

/**
 * `notRunning`: nobody listens there. `notAllowed`: the folder or the socket is closed to this user. `distrusted`: the folder is another
 * user's. `noAnswer`: none in time, or none that fits.
 */
export type Asked<Answer> =
  | { readonly reached: true; readonly answer: Answer }
  | { readonly reached: false; readonly why: 'notRunning' | 'notAllowed' | 'distrusted' | 'noAnswer' };

/** Asks whoever serves the socket. Never rejects. */
export async function askControl<Request, Answer>(
  path: string,
  contract: ControlContract<Request, Answer>,
  request: Request,
): Promise<Asked<Answer>> {
  const why = whyDistrusted(path);
  if (why !== undefined) return { reached: false, why };
  const socket = connect(path);
  try {
    await connected(socket);
    socket.on('error', () => socket.destroy());
    socket.write(`${JSON.stringify(z.encode(contract.request, request))}\n`);
    const answer = contract.answer.safeParse(
      parsed(await readLine(socket, contract.longestAnswerBytes, answerTimeoutMs)),
    );
    return answer.success ? { reached: true, answer: answer.data } : { reached: false, why: 'noAnswer' };
  } catch (error) {
    return { reached: false, why: whyNot(error) };
  } finally {
    socket.destroy();
  }
}

/** A request may carry a password: not to whoever put a socket where ours would be, as anybody can below /tmp. */
function whyDistrusted(path: string): 'notRunning' | 'notAllowed' | 'distrusted' | 'noAnswer' | undefined {
  try {
    const { uid } = statSync(dirname(path));
    return uid === 0 || uid === process.getuid?.() ? undefined : 'distrusted';
  } catch (error) {
    return whyNot(error);
  }
}

async function isServed(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await connected(socket);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function whyNot(error: unknown): 'notRunning' | 'notAllowed' | 'noAnswer' {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'notRunning';
  return code === 'EACCES' || code === 'EPERM' ? 'notAllowed' : 'noAnswer';
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
}

/** The first line. Rejects where it is longer, does not come in time, or the other end hangs up before its end. */
function readLine(socket: Socket, longestBytes: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.pause().off('data', take);
      settle();
    };
    const fail = (what: string): void => {
      finish(() => {
        reject(new Error(what));
      });
    };
    // Of the whole line: a peer that sends a byte now and then is slow too.
    const timer = setTimeout(() => {
      fail('too slow');
    }, timeoutMs);
    const take = (chunk: Buffer): void => {
      const end = chunk.indexOf(10);
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      receivedBytes += chunk.length;
      if (receivedBytes > longestBytes) fail('too long');
      else if (end >= 0) {
        finish(() => {
          resolve(Buffer.concat(chunks).toString('utf8'));
        });
      }
    };
    socket.on('data', take);
    socket.once('close', () => {
      fail('broken off');
    });
  });
}

/** `undefined`, which no JSON is, for what is none. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
