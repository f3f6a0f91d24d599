/** Members and positions from the top of the configuration: `['pools', 'office', 'ranges', 0]`. */
export type MemberPath = readonly (string | number)[];

/** What is wrong, or doubtful, at one place. No text quotes a value that may be a secret. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** As people write it: `pools.office.ranges[0]`; empty for the file as a whole. */
  readonly path: string;
  readonly what: string;
  readonly fix: string;
  /** From 1; absent where the problem has no place in the text. */
  readonly line?: number;
  readonly column?: number;
}

/** A problem before its place is known. */
export interface Finding {
  readonly path: MemberPath;
  readonly what: string;
  readonly fix: string;
}

export function pathText(path: MemberPath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('');
}
