#!/usr/bin/env node
// What Playwright starts instead of Electron: starts Electron where CULVERT_TEST_COMMAND (a JSON list) leads, which is another network
// namespace, and brings the two debugging ports that it announces from there to this side's 127.0.0.1.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { relayPort } from './relay.mjs';

const { argv, relayPrefix } = JSON.parse(process.env['CULVERT_TEST_COMMAND'] ?? '{}');

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
  const told = port === undefined ? line : line.replace(`:${port}`, `:${await relayPort(port, relayPrefix)}`);
  process.stderr.write(`${told}\n`);
}
