#!/usr/bin/env node
// What Playwright starts instead of Electron: starts Electron where CULVERT_TEST_COMMAND (a JSON list) leads, which is another network
// namespace, and brings the two debugging ports that it announces from there to this side's 127.0.0.1.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const { argv, relayPrefix } = JSON.parse(process.env['CULVERT_TEST_COMMAND'] ?? '{}');
const relayProgram = fileURLToPath(new URL('relay-port.mjs', import.meta.url));

const [program, ...rest] = [...argv, ...process.argv.slice(2)];
const electron = spawn(program, rest, { stdio: ['inherit', 'inherit', 'pipe'] });
createInterface({ input: electron.stderr }).on('line', (line) => void pass(line));
electron.once('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
});

/** @param {string} line */
async function pass(line) {
  const port = /^(?:Debugger|DevTools) listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  const told = port === undefined ? line : line.replace(`:${port}`, `:${await relay(port)}`);
  process.stderr.write(`${told}\n`);
}

/**
 * @param {string} port over there
 * @returns {Promise<number>} the port here
 */
function relay(port) {
  const server = createServer((socket) => {
    const [relayer, ...before] = [...relayPrefix, process.execPath, relayProgram, port];
    const there = spawn(relayer, before, { stdio: ['pipe', 'pipe', 'ignore'] });
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
