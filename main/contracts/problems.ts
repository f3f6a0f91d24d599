import type { z } from 'zod';
import { either, formOf } from './shape-words.ts';

/** What is wrong with one member, for whoever wrote it; it never quotes a value, which may be a secret. */
export interface Problem {
  /** Empty: the whole. */
  readonly path: string;
  readonly text: string;
}

export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.flatMap(problemsIn);
}

/** What is wrong first with each part of a form, which `keyOf` names after its place. */
export function problemsByKey<Key extends string>(
  error: z.ZodError,
  keyOf: (path: readonly PropertyKey[]) => Key,
): Partial<Record<Key, string>> {
  const entries = error.issues.flatMap((issue) => problemsIn(issue).map(({ text }) => [keyOf(issue.path), text]));
  return Object.fromEntries(entries.reverse()) as Partial<Record<Key, string>>;
}

/** What is wrong first, where there is one thing that can be. */
export function firstProblem(error: z.ZodError): string {
  return problemsOf(error)[0]?.text ?? '';
}

/** The contract's own messages say what they expect; zod's are put the same way. */
function problemsIn(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), text: 'there is no such member' }));
  }
  return [{ path, text: textOf(issue) }];
}

const missing = 'is missing';

function textOf(issue: Exclude<z.core.$ZodIssue, z.core.$ZodIssueUnrecognizedKeys>): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? missing : `expected ${formOf(issue.expected)}`;
    case 'invalid_value':
      return `expected ${either(issue.values)}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return missing;
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
