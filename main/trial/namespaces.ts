import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { failure, type Result } from '../contracts/failure.ts';

/** One of two machines that are none: a network namespace. */
export interface TrialEnd {
  readonly address: string;
  /** What is put before a program's path and arguments, so that it runs there. */
  readonly entering: readonly string[];
}

/** Two ends with a cable between them, and a folder that is on no disk. All of it goes with the process that made it. */
export interface TrialNetworks {
  readonly host: TrialEnd;
  readonly client: TrialEnd;
  /** What they see as /run, and nobody else but whoever made them. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Of networks that no machine has (RFC 5737 §3). */
const addresses = { host: '198.51.100.1', client: '198.51.100.2' };
const device = 'cable';
const patienceMs = 10_000;
/** What programs are found by: those of the system, and none of the user's. */
export const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' };

/**
 * Makes them without any rights: whoever makes a user namespace is root in it, over what belongs to it and nothing else
 * (user_namespaces(7)). Root itself needs none.
 */
export async function makeTrialNetworks(): Promise<Result<TrialNetworks>> {
  const isRoot = process.getuid?.() === 0;
  const holders: ChildProcessWithoutNullStreams[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(holders.splice(0).map(release));
  };
  const inside = (pid: number, ...namespaces: string[]): string[] => [
    ...['/usr/bin/nsenter', `--target=${pid}`, ...(isRoot ? [] : ['--user', '--preserve-credentials'])],
    ...namespaces,
    '--',
  ];
  try {
    const hostPid = await hold(holders, [
      ...['unshare', ...(isRoot ? [] : ['--user', '--map-root-user'])],
      ...['--mount', '--net', 'cat'],
    ]);
    const clientPid = await hold(holders, [...inside(hostPid, '--mount'), 'unshare', '--net', 'cat']);
    const host = inside(hostPid, '--mount', '--net');
    const client = inside(clientPid, '--mount', '--net');
    // Nothing of the system's own daemons is in sight, nor any of this on a disk.
    await run([...host, 'mount', '-t', 'tmpfs', '-o', 'mode=0700', 'tmpfs', '/run']);
    await run(
      [...host, 'ip', '-batch', '-'],
      [
        'link set lo up',
        `link add ${device} type veth peer name ${device} netns ${clientPid}`,
        ...linkUp(addresses.host),
      ],
    );
    await run(
      [...client, 'ip', '-batch', '-'],
      ['link set lo up', ...linkUp(addresses.client), `route add default via ${addresses.host}`],
    );
    return {
      ok: true,
      value: {
        host: { address: addresses.host, entering: host },
        client: { address: addresses.client, entering: client },
        folder: `/proc/${hostPid}/root/run`,
        close,
      },
    };
  } catch (error) {
    await close();
    return { ok: false, failure: failure('trial.networks', { reason: reasonOf(error) }) };
  }
}

function linkUp(address: string): string[] {
  return [`address add ${address}/24 dev ${device}`, `link set ${device} up`];
}

/** A program that has its namespaces for as long as this process lives: it repeats what it is told, and ends with its input. */
async function hold(holders: ChildProcessWithoutNullStreams[], argv: readonly string[]): Promise<number> {
  const [program = '', ...rest] = argv;
  // Not to end by a Ctrl-C that is meant for this process: goodbyes are said first.
  const holder = spawn(program, rest, { env: environment, detached: true });
  holders.push(holder);
  let complaint = '';
  holder.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-500)));
  holder.stdin.on('error', () => undefined);
  holder.stdin.write('.');
  const failed = new AbortController();
  holder.once('exit', () => {
    failed.abort();
  });
  // It could not even be started.
  holder.once('error', (error) => {
    complaint = error.message;
    failed.abort();
  });
  const signal = AbortSignal.any([failed.signal, AbortSignal.timeout(patienceMs)]);
  try {
    // By then it is where it was sent.
    await once(holder.stdout, 'data', { signal });
  } catch (error) {
    if (complaint !== '') throw new Error(complaint.trim(), { cause: error });
    throw new Error(`${program} did not do what it is for`, { cause: error });
  }
  holder.stdout.resume();
  return holder.pid ?? 0;
}

async function release(holder: ChildProcessWithoutNullStreams): Promise<void> {
  if (holder.pid === undefined || holder.exitCode !== null || holder.signalCode !== null) return;
  const ended = once(holder, 'exit');
  holder.stdin.end();
  await ended;
}

async function run([program = '', ...rest]: readonly string[], lines: readonly string[] = []): Promise<void> {
  const running = promisify(execFile)(program, rest, { env: environment, timeout: patienceMs });
  running.child.stdin?.on('error', () => undefined);
  running.child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
  await running;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return (said === '' ? error.message : said).replaceAll(/\s+/g, ' ').slice(0, 300);
}
