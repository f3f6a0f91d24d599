// What a package starts with: the command line where /usr/bin/culvert asks for it, else the app. Both are one program, so that a
// package needs no Node beside it.
import { app } from 'electron';

const beside = (/** @type {string} */ path) => new URL(path, import.meta.url).href;
const mark = process.argv.indexOf('--culvert-command-line');

if (mark < 0) {
  await import(beside('../app/main.js'));
} else {
  // Behind "--", where Chromium does not look for switches of its own.
  process.argv = [process.execPath, ...process.argv.slice(mark + 2)];
  await import(beside('cli.mjs'));
  app.exit(Number(process.exitCode ?? 0));
}
