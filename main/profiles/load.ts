import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { failure, type Result } from '../contracts/failure.ts';
import { profile, type Profile } from '../contracts/profile.ts';

const largestProfileBytes = 1024 * 1024;
/** Editors on Windows begin a file with it. */
const byteOrderMark = /^\ufeff/;

/** Reads and checks a profile; every problem is named with the member it concerns. */
export async function loadProfile(file: string): Promise<Result<Profile>> {
  const unreadable = (reason: string): Result<Profile> => ({
    ok: false,
    failure: failure('profile.unreadable', { file, reason }),
  });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return unreadable(describeSystemError(error));
  }
  if (text.length > largestProfileBytes) return unreadable('it is larger than 1 MiB');
  let json: unknown;
  try {
    json = JSON.parse(text.replace(byteOrderMark, ''));
  } catch (error) {
    return unreadable(describeSyntaxError(error));
  }
  const parsed = profile.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, failure: failure('profile.invalid', { file, problems: describeProblems(parsed.error) }) };
}

/** The parser's own message quotes the text around the error, and there may be a secret. */
function describeSyntaxError(error: unknown): string {
  const place = /position \d+|line \d+ column \d+/.exec(error instanceof Error ? error.message : '')?.[0];
  return place === undefined ? 'it is not valid JSON' : `it is not valid JSON at ${place}`;
}

function describeProblems(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.length === 0 ? 'the whole' : issue.path.join('.')}: ${describeIssue(issue)}`)
    .join('; ');
}

function describeIssue({ message }: z.core.$ZodIssue): string {
  return message.endsWith('received undefined') ? 'is missing' : message;
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'its permissions do not allow it',
  EISDIR: 'it is a folder',
};

export function describeSystemError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return systemErrors[code] ?? (error instanceof Error ? error.message : String(error));
}
