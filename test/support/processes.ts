import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { watchOutput } from './canary/watch.ts';

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to the test's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which then ends. Absent: standard input is empty. */
  readonly input?: string | Uint8Array;
  /** Standard input stays open after `input`, for `write`. */
  readonly keepsInput?: true;
}

export interface RunOptions extends StartOptions {
  readonly timeoutMs?: number;
  /** Resolve on a non-zero exit code too, instead of throwing. */
  readonly allowFailure?: boolean;
}

/** A program under way, in a process group of its own so that its children end with it. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<Finished>;
  stdout(): string;
  stderr(): string;
  /** To its standard input, where that is kept open. */
  write(text: string): void;
  /** Sends the signal to the program alone. */
  signal(name: NodeJS.Signals): void;
  /** Resolves with the match once its output (standard output, then error) shows `pattern`; throws when it ends without. */
  until(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Ends the whole group: SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<Finished>;
}

/** Aborted, it stays pending and holds nothing. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  });
}

/** Polls until `ready` gives a value other than undefined or false. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  ready: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await ready();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await delay(25);
  }
}

/** Whether any process of the group is left. */
export function groupAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch {
    return false;
  }
}

export function signalGroup(groupId: number, name: NodeJS.Signals): void {
  try {
    process.kill(-groupId, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function finished(child: ChildProcess, argv: readonly string[], out: () => Finished): Promise<Finished> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new Error(`${argv.join(' ')}: ${error.message}`));
    });
    child.once('close', () => {
      resolve(out());
    });
  });
}

export function start(argv: readonly string[], options: StartOptions = {}): Running {
  const [program, ...rest] = argv;
  if (program === undefined) throw new Error('start: empty argv');
  const child = spawn(program, rest, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined); // the program may end without reading all of it
  if (options.keepsInput === true) child.stdin.write(options.input ?? '');
  else child.stdin.end(options.input);
  const exited = finished(child, argv, () => ({ exitCode: child.exitCode, signal: child.signalCode, stdout, stderr }));
  exited.catch(() => undefined); // whoever awaits it is told; nobody has to
  const pid = child.pid ?? 0;
  let over = false;
  void exited.then(
    () => {
      over = true;
      watchOutput(argv, stdout + stderr);
    },
    () => (over = true),
  );
  return {
    pid,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    write: (text) => void child.stdin.write(text),
    signal: (name) => void child.kill(name),
    until: (pattern, timeoutMs = 30_000) =>
      eventually(`${argv.join(' ')}: ${String(pattern)}`, timeoutMs, () => {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match === null && over)
          throw new Error(`${argv.join(' ')} ended without ${String(pattern)}:\n${stdout}${stderr}`);
        return match ?? undefined;
      }),
    stop: async (graceMs = 3_000) => {
      if (pid === 0) return exited;
      if (!over) child.kill('SIGTERM');
      await Promise.race([exited, delay(graceMs)]);
      signalGroup(pid, 'SIGKILL');
      return exited;
    },
  };
}

/** Runs a program to its end. Throws with its output when it fails, unless `allowFailure`. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const running = start(argv, options);
  const timeoutMs = options.timeoutMs ?? 60_000;
  const abandoned = new AbortController();
  const overdue = delay(timeoutMs, abandoned.signal).then(() => 'overdue' as const);
  const outcome = await Promise.race([running.exited, overdue]).finally(() => {
    abandoned.abort();
  });
  if (outcome === 'overdue') signalGroup(running.pid, 'SIGKILL');
  const result = await running.exited;
  if (outcome === 'overdue') {
    throw new Error(`${argv.join(' ')}: killed after ${timeoutMs} ms\n${result.stdout}${result.stderr}`);
  }
  if (result.exitCode !== 0 && options.allowFailure !== true) {
    throw new Error(
      `${argv.join(' ')}: exit ${result.exitCode ?? String(result.signal)}\n${result.stdout}${result.stderr}`,
    );
  }
  return result;
}
