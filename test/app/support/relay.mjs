// Brings a port of 127.0.0.1 in another network namespace to this side's.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('relay-port.mjs', import.meta.url));

/**
 * For as long as this process lives.
 *
 * @param {string} port over there
 * @param {readonly string[]} prefix words that lead there, before a program and its arguments
 * @returns {Promise<number>} the port here
 */
export function relayPort(port, prefix) {
  const server = createServer((socket) => {
    const [first = process.execPath, ...rest] = [...prefix, process.execPath, program, port];
    const there = spawn(first, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
    socket.pipe(there.stdin);
    there.stdout.pipe(socket);
    for (const stream of [socket, there.stdin, there.stdout]) stream.on('error', () => socket.destroy());
  });
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
