import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type ControlAnswer, controlAnswer, type ControlRequest, controlRequest } from '../contracts/events.ts';

const longestLineBytes = 4096;
const answerTimeoutMs = 30_000;

/**
 * Serves one connection's control socket: a line of JSON each way, then it hangs up. Only the owner may open it.
 * Rejects where the folder cannot be made or is somebody else's, and where a running connection has the socket.
 */
export async function serveControl(
  path: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<Server> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(dirname(path));
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${dirname(path)} is open to other users`);
  if ((await askControl(path, { request: 'status' })) !== undefined) throw new Error('another connection has its name');
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    serve(socket, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

function serve(socket: Socket, answer: (request: ControlRequest) => Promise<ControlAnswer>): void {
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > longestLineBytes) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).once('line', (line) => {
    reply(line, answer).then(
      (said) => socket.end(`${JSON.stringify(said)}\n`),
      () => socket.destroy(),
    );
  });
}

async function reply(
  line: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlAnswer> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { answer: 'refused', reason: 'not JSON' };
  }
  const request = controlRequest.safeParse(json);
  return request.success ? answer(request.data) : { answer: 'refused', reason: 'not a request' };
}

/** Asks a running connection; `undefined` where nobody listens. */
export async function askControl(path: string, request: ControlRequest): Promise<ControlAnswer | undefined> {
  const socket = connect(path);
  try {
    const line = await new Promise<string>((resolve, reject) => {
      socket.setTimeout(answerTimeoutMs, () => {
        reject(new Error('no answer'));
      });
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('closed'));
      });
      createInterface({ input: socket }).once('line', resolve).on('error', reject);
      socket.write(`${JSON.stringify(request)}\n`);
    });
    return controlAnswer.parse(JSON.parse(line));
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
