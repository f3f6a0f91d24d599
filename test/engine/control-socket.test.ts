import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { refused, type ControlContract } from '../../main/contracts/control.ts';
import { askControl, serveControl } from '../../main/engine/control-socket.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

const request = z.strictObject({ request: z.literal('double'), text: z.string() });
const answer = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('doubled'), text: z.string() }),
  refused,
]);
type Request = z.infer<typeof request>;
type Answer = z.infer<typeof answer>;
const contract: ControlContract<Request, Answer> = {
  request,
  answer,
  longestRequestBytes: 1000,
  longestAnswerBytes: 1500,
};

const cleanUps: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

function socketPath(): string {
  const folder = scratchFolder('control');
  cleanUps.push(() => {
    removeScratch(folder);
  });
  return join(folder, 'private', 'control.sock');
}

function closing(server: Server): Server {
  cleanUps.push(() => server.close());
  return server;
}

const double = ({ text }: Request): Promise<Answer> => Promise.resolve({ answer: 'doubled', text: text + text });

async function served(answering = double): Promise<string> {
  const path = socketPath();
  closing(await serveControl(path, contract, answering));
  return path;
}

/** What comes back for these bytes, until the other end hangs up. */
function raw(path: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(path, () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('utf8')));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      resolve(received);
    });
  });
}

test('what is asked is answered, to several at once', async () => {
  const path = await served();
  const asked = await Promise.all(
    ['a', 'bc', 'ä'].map((text) => askControl(path, contract, { request: 'double', text })),
  );
  expect(asked).toEqual(['aa', 'bcbc', 'ää'].map((text) => ({ reached: true, answer: { answer: 'doubled', text } })));
});

test('only the owner can open the socket', async () => {
  const path = await served();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
});

test('a folder that others can open is not used', async () => {
  const path = socketPath();
  mkdirSync(dirname(path));
  chmodSync(dirname(path), 0o750);
  await expect(serveControl(path, contract, double)).rejects.toThrow('is open to other users');
});

test.each([
  ['no JSON', 'double me\n', 'not JSON'],
  ['a torn text', '{"request":"double","text":"\n', 'not JSON'],
  ['another request', '{"request":"triple"}\n', 'not a request'],
  ['a surplus member', '{"request":"double","text":"a","more":1}\n', 'not a request'],
  ['nothing but a line end', '\n', 'not JSON'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a]), 'not JSON'],
])('%s is refused by name', async (_, line, reason) => {
  const path = await served();
  expect(JSON.parse(await raw(path, line))).toEqual({ answer: 'refused', reason });
});

test('a line that is too long is not read to its end', async () => {
  const path = await served();
  expect(await raw(path, 'x'.repeat(1001))).toBe('');
  expect(await raw(path, `${JSON.stringify({ request: 'double', text: 'x'.repeat(1000) })}\n`)).toBe('');
  expect(await askControl(path, contract, { request: 'double', text: 'a' })).toMatchObject({ reached: true });
});

test('a peer that never ends its line is hung up on', async () => {
  const path = await served();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const socket = connect(path);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write('{"request":');
  // Once the server has begun to wait for the rest: another peer, who came later, was answered.
  await askControl(path, contract, { request: 'double', text: 'a' });
  vi.advanceTimersByTime(5000);
  await closed;
});

test('an answer that is too long is refused instead', async () => {
  const path = await served();
  expect(await askControl(path, contract, { request: 'double', text: 'x'.repeat(900) })).toEqual({
    reached: true,
    answer: { answer: 'refused', reason: 'the answer is too long' },
  });
});

test('whoever fails to answer hangs up, and goes on serving others', async () => {
  const path = await served(({ text }) =>
    text === 'fail' ? Promise.reject(new Error('no')) : double({ request: 'double', text }),
  );
  expect(await askControl(path, contract, { request: 'double', text: 'fail' })).toEqual({
    reached: false,
    why: 'noAnswer',
  });
  expect(await askControl(path, contract, { request: 'double', text: 'a' })).toMatchObject({ reached: true });
});

test('a second process finds the socket taken, unless the first was killed', async () => {
  const path = await served();
  await expect(serveControl(path, contract, double)).rejects.toThrow('another process serves');
  const left = socketPath();
  mkdirSync(dirname(left), { mode: 0o700 });
  writeFileSync(left, '');
  closing(await serveControl(left, contract, double));
  expect(await askControl(left, contract, { request: 'double', text: 'a' })).toMatchObject({ reached: true });
});

test('where nobody listens, that is said', async () => {
  expect(await askControl(socketPath(), contract, { request: 'double', text: 'a' })).toEqual({
    reached: false,
    why: 'notRunning',
  });
});

test.runIf(process.getuid?.() === 0)('whoever made the folder in our place is told nothing', async () => {
  const path = socketPath();
  mkdirSync(dirname(path), { mode: 0o700 });
  let heard = 0;
  const server = closing(createServer(() => (heard += 1)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chownSync(dirname(path), 65_534, 65_534);
  expect(await askControl(path, contract, { request: 'double', text: 'a password' })).toEqual({
    reached: false,
    why: 'distrusted',
  });
  expect(heard).toBe(0);
});

test.each([
  ['hangs up', ''],
  ['answers something else', '{"answer":"tripled"}\n'],
  ['answers no JSON', 'yes\n'],
  ['does not stop talking', 'x'.repeat(2000)],
])('a server that %s has not answered', async (_, said) => {
  const path = socketPath();
  mkdirSync(dirname(path), { mode: 0o700 });
  const server = closing(createServer((socket) => socket.on('error', () => socket.destroy()).end(said)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  expect(await askControl(path, contract, { request: 'double', text: 'a' })).toEqual({
    reached: false,
    why: 'noAnswer',
  });
});
