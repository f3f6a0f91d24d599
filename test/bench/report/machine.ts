import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { run } from '../../support/processes.ts';
import { repositoryRoot } from '../../support/repository.ts';

export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly architecture: string;
  /** Of the minute before: what else ran. */
  readonly loadBefore: number;
}

export function machineFacts(): MachineFacts {
  const all = cpus();
  return {
    processor: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryBytes: totalmem(),
    kernel: release(),
    architecture: arch(),
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** Whether others want so much of the processors that figures say little. */
export function isBusy({ loadBefore, cores }: MachineFacts): boolean {
  return loadBefore > cores / 2;
}

/** The commit that was measured, with `+` where files differ from it; `unknown` outside a checkout. */
export async function measuredCommit(): Promise<string> {
  // Root may not own the checkout.
  const git = (...argv: string[]) =>
    run(['git', '-c', `safe.directory=${repositoryRoot}`, '-C', repositoryRoot, ...argv], { allowFailure: true });
  const head = await git('rev-parse', 'HEAD').catch(() => undefined);
  if (head?.exitCode !== 0) return 'unknown';
  const changed = await git('status', '--porcelain', '--untracked-files=no');
  return head.stdout.trim() + (changed.stdout.trim() === '' ? '' : '+');
}
