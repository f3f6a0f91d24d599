import { readdir } from 'node:fs/promises';
import { connectionControl, type ConnectionStatus } from '../contracts/events.ts';
import { askControl } from '../engine/control-socket.ts';
import { controlFolder, controlSocketPath } from '../engine/folders.ts';
import { asTyped } from './as-typed.ts';
import { describeStatus } from './present.ts';

/** Connections that answer; a socket left by a killed process does not. */
async function runningStatuses(): Promise<ConnectionStatus[]> {
  const files = await readdir(controlFolder()).catch(() => []);
  const names = files.filter((file) => file.endsWith('.sock')).map((file) => file.slice(0, -'.sock'.length));
  const answers = await Promise.all(
    names.sort().map((name) => askControl(controlSocketPath(name), connectionControl, { request: 'status' })),
  );
  return answers.flatMap((asked) => (asked.reached && asked.answer.answer === 'status' ? [asked.answer.status] : []));
}

export async function statusCommand(name: string | undefined, json: boolean): Promise<number> {
  const statuses = (await runningStatuses()).filter((status) => name === undefined || status.name === name);
  for (const status of statuses) console.log(json ? JSON.stringify(status) : describeStatus(status));
  if (statuses.length === 0 && !json) {
    console.log(name === undefined ? 'Not connected.' : `${name}: not connected.`);
    hintAtRoot();
  }
  return statuses.length > 0 ? 0 : 1;
}

/** Each user sees only their own connections. */
function hintAtRoot(): void {
  if (process.getuid?.() !== 0) console.error('Connections that were started with sudo are seen with sudo only.');
}

export async function disconnectCommand(name: string | undefined): Promise<number> {
  const running = (await runningStatuses()).map((status) => status.name);
  const wanted = name ?? (running.length === 1 ? running[0] : undefined);
  if (wanted === undefined || !running.includes(wanted)) {
    const missing = name === undefined ? 'Which one?' : `${name} is not connected.`;
    console.error(
      running.length === 0
        ? 'Nothing is connected.'
        : asTyped(`${missing} Running: ${running.join(', ')}. Run "culvert disconnect <name>".`),
    );
    if (running.length === 0) hintAtRoot();
    return 1;
  }
  const asked = await askControl(controlSocketPath(wanted), connectionControl, { request: 'disconnect' });
  if (asked.reached && asked.answer.answer === 'disconnected') {
    console.log(`${wanted}: disconnected; the network is as it was.`);
    return 0;
  }
  console.error(asTyped(`${wanted} did not confirm that it disconnected; "culvert status" shows how it is.`));
  return 1;
}
