// What stands behind a gateway: a web server, and two TCP services that prove what they carried. Arguments: ADDRESS.
//   80    one page
//   5001  reads a line with a count and that many bytes, then answers with their SHA-256 (64 hexadecimal digits)
//   5002  reads a line with a count, sends that many bytes, then their SHA-256
// Neither needs a half-closed connection, which user-space NATs cut. The guests offer the same from a shell
// (../peers/uml/guest).
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const address = process.argv[2] ?? '127.0.0.1';
const page = '<!doctype html><title>Intranet</title><h1>Welcome to the office</h1>\n';
const newline = '\n'.charCodeAt(0);

/** @param {number} count @param {import('node:crypto').Hash} hash */
function* randomChunks(count, hash) {
  const block = randomBytes(65536);
  for (let left = count; left > 0; left -= block.length) {
    const chunk = left < block.length ? block.subarray(0, left) : block;
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * Reads the line with the count; what came after it stays in the first chunk.
 *
 * @param {AsyncIterator<Buffer>} chunks
 */
async function readCount(chunks) {
  let head = Buffer.alloc(0);
  while (!head.includes(newline)) {
    const next = await chunks.next();
    if (next.done === true) throw new Error('ended before the count');
    head = Buffer.concat([head, next.value]);
  }
  const end = head.indexOf(newline);
  return { count: Number(head.subarray(0, end).toString('latin1')), rest: head.subarray(end + 1) };
}

/** @param {import('node:net').Socket} socket */
async function receive(socket) {
  const chunks = /** @type {AsyncIterator<Buffer>} */ (socket[Symbol.asyncIterator]());
  const { count, rest } = await readCount(chunks);
  const hash = createHash('sha256').update(rest);
  let left = count - rest.length;
  while (left > 0) {
    const next = await chunks.next();
    if (next.done === true) throw new Error('ended early');
    hash.update(next.value);
    left -= next.value.length;
  }
  socket.end(hash.digest('hex'));
}

/** @param {import('node:net').Socket} socket */
async function send(socket) {
  const [line] = /** @type {[Buffer]} */ (await once(socket, 'data'));
  const hash = createHash('sha256');
  await pipeline(Readable.from(randomChunks(Number(line.toString('latin1')), hash)), socket, { end: false });
  socket.end(hash.digest('hex'));
}

/** @param {(socket: import('node:net').Socket) => Promise<void>} serve */
function service(serve) {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket).catch(() => socket.destroy());
  });
}

const web = createWebServer((_request, response) => {
  response.setHeader('content-type', 'text/html').end(page);
});
/** @type {readonly (readonly [import('node:net').Server, number])[]} */
const services = [
  [web, 80],
  [service(receive), 5001],
  [service(send), 5002],
];
await Promise.all(services.map(([server, port]) => once(server.listen(port, address), 'listening')));
console.log('ready');
