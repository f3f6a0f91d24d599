import { createHash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ipv4Address } from '../../contracts/host-forms.ts';
import { makePrivateFolder, readGuarded, writeAll, writeDurably } from '../../files/durable.ts';
import type { Lease } from './allocator.ts';

/**
 * The leases on the disk, so that users find their addresses again after a restart: an append-only file of lines, each with a
 * checksum, rewritten as a whole when most of it is history. Whatever a crash cut off is left out when it is read.
 */
export interface LeaseJournal {
  /** Who had an address when the journal was opened, least recently first; sessions that a crash ended come last. */
  readonly past: readonly Lease[];
  /** What could not be read when it was opened. */
  readonly losses: { readonly tornBytes: number; readonly damagedLines: number };
  taken(lease: Lease): void;
  released(lease: Lease): void;
  /** Waits until all is on the disk. A crash of the host alone loses nothing without it. */
  flush(): void;
  close(): void;
}

const lease = z.strictObject({
  address: ipv4Address,
  pool: z.string().exactOptional(),
  user: z.string(),
  hint: z.string(),
});
const entry = z.union([z.strictObject({ taken: lease }), z.strictObject({ past: lease })]);
type Entry = z.infer<typeof entry>;

/** Lines of history that are put up with beyond twice the leases. */
const historyLines = 2000;

/** @throws on system errors, as its methods do. */
export function openLeaseJournal(file: string): LeaseJournal {
  makePrivateFolder(dirname(file));
  const { entries, losses } = readJournal(file);
  const past = new Map<string, Lease>();
  const active = new Map<string, Lease>();
  const apply = (next: Entry): void => {
    const known = 'taken' in next ? next.taken : next.past;
    past.delete(known.address);
    active.delete(known.address);
    ('taken' in next ? active : past).set(known.address, known);
  };
  entries.forEach(apply);
  const before = [...past.values(), ...active.values()];
  active.clear();
  past.clear();
  for (const known of before) past.set(known.address, known);

  let lines = 0;
  let isTorn = false;
  let descriptor = rewrite();

  function rewrite(): number {
    const all: readonly Entry[] = [
      ...[...past.values()].map((known) => ({ past: known })),
      ...[...active.values()].map((known) => ({ taken: known })),
    ];
    writeDurably(file, all.map(lineOf).join(''));
    lines = all.length;
    return openSync(file, constants.O_WRONLY | constants.O_APPEND);
  }

  function append(next: Entry): void {
    apply(next);
    lines++;
    if (isTorn || lines > 2 * (past.size + active.size) + historyLines) {
      const written = rewrite();
      closeSync(descriptor);
      descriptor = written;
      isTorn = false;
    } else {
      // A full disk may take half a line: the next write then begins anew.
      isTorn = true;
      writeAll(descriptor, lineOf(next));
      isTorn = false;
    }
  }

  return {
    past: before,
    losses,
    taken: (known) => {
      append({ taken: known });
    },
    released: (known) => {
      append({ past: known });
    },
    flush: () => {
      fdatasyncSync(descriptor);
    },
    close: () => {
      fdatasyncSync(descriptor);
      closeSync(descriptor);
    },
  };
}

interface Read {
  readonly entries: readonly Entry[];
  readonly losses: LeaseJournal['losses'];
}

function readJournal(file: string): Read {
  const content = readGuarded(file)?.bytes ?? Buffer.alloc(0);
  const end = content.lastIndexOf('\n') + 1;
  const lines = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  const entries = lines.flatMap((line) => readLine(line) ?? []);
  return { entries, losses: { tornBytes: content.length - end, damagedLines: lines.length - entries.length } };
}

function lineOf(next: Entry): string {
  const json = JSON.stringify(next);
  return `${checksum(json)} ${json}\n`;
}

function readLine(line: string): Entry | undefined {
  const json = line.slice(checksumLength + 1);
  if (line.slice(0, checksumLength) !== checksum(json)) return undefined;
  try {
    return entry.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

const checksumLength = 8;

/** Against torn and rotten lines, not against an adversary. */
function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, checksumLength);
}
