import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchFolder } from './canary/watch.ts';

const mine = new Set<string>();
let isFirst = true;

function removeOrphans(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^culvert-test-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

/** A fresh folder, removed when this process exits; `removeScratch` removes it sooner. */
export function scratchFolder(label: string): string {
  if (isFirst) {
    isFirst = false;
    removeOrphans();
    process.once('exit', () => {
      for (const folder of mine) rmSync(folder, { recursive: true, force: true });
    });
  }
  const folder = mkdtempSync(join(tmpdir(), `culvert-test-${process.pid}-${label}-`));
  mine.add(folder);
  return folder;
}

export function removeScratch(folder: string): void {
  watchFolder(folder);
  rmSync(folder, { recursive: true, force: true });
  mine.delete(folder);
}
