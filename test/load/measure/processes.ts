import { readFileSync } from 'node:fs';
import { run } from '../../support/processes.ts';

export interface ProcessFigures {
  /** Of the executable, or the first words of the command line. */
  readonly name: string;
  /** Proportional set size: memory shared between processes counts once in all. */
  readonly memoryBytes: number;
  /** User and system time since the process began. */
  readonly processorMs: number;
}

/** Every process in a namespace, by its id. */
export async function processesIn(namespace: string): Promise<ReadonlyMap<number, ProcessFigures>> {
  const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
  const pids = stdout.split('\n').filter((line) => line !== '');
  return new Map(
    pids.flatMap((text) => {
      const figures = figuresOf(Number(text));
      return figures === undefined ? [] : [[Number(text), figures]];
    }),
  );
}

/** `undefined` where it has ended. */
function figuresOf(pid: number): ProcessFigures | undefined {
  try {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime of proc(5)
    const name = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]?.split('/').at(-1) ?? '';
    return { name, memoryBytes: Number(pss ?? 0) * 1024, processorMs: (ticks * 1000) / ticksPerSecond };
  } catch {
    return undefined;
  }
}

/** USER_HZ, which Linux has fixed for all that programs see. */
const ticksPerSecond = 100;
