import { parseTree, type ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import { failure, type Failure, type Result } from '../contracts/failure.ts';
import { profile, type Profile } from '../contracts/profile.ts';
import { type Problem, problemsOf } from '../contracts/problems.ts';
import { largestProfileBytes, readProfileText } from './read-text.ts';
import { positionsIn } from './text-position.ts';

/** Editors on Windows begin a file with it. */
const byteOrderMark = /^\ufeff/;

/** Reads and checks a profile; every problem is named with the member it concerns. */
export function loadProfile(file: string): Result<Profile> {
  const json = readJsonFile(file);
  if (!json.ok) return json;
  if (isDocument(json.value)) return { ok: false, failure: failure('profile.toImport', { file }) };
  return parseProfile(json.value, file);
}

/** What a profile is exported or signed as, whatever else is right or wrong with it. */
export function isDocument(json: unknown): json is { readonly culvertProfile: unknown } {
  return typeof json === 'object' && json !== null && 'culvertProfile' in json;
}

export function readJsonFile(file: string): Result<unknown> {
  const text = readProfileText(file);
  return text.ok ? parseJson(text.value, file) : text;
}

/** `file` is what the text is called in a failure. */
export function parseJson(text: string, file: string): Result<unknown> {
  if (text.length > largestProfileBytes) return unreadable(file, 'it is larger than 1 MiB');
  const plain = text.replace(byteOrderMark, '');
  try {
    return { ok: true, value: JSON.parse(plain) as unknown };
  } catch {
    return { ok: false, failure: failure('profile.notJson', { file, reason: describeSyntaxError(plain) }) };
  }
}

export function parseProfile(json: unknown, file: string): Result<Profile> {
  const newer = typeof json === 'object' && json !== null && 'version' in json && newerThanKnown(json.version, file);
  if (newer) return { ok: false, failure: newer };
  return parseAs(profile, json, file);
}

/** As the schema has it; every problem is named with the member it concerns. */
export function parseAs<Value>(schema: z.ZodType<Value>, json: unknown, file: string): Result<Value> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    failure: failure('profile.invalid', { file, problems: problemsOf(parsed.error).map(describeProblem).join('; ') }),
  };
}

/** The format that this release reads, of profiles and of the documents that hold one. */
const knownFormat = 1;

/** Of a format that only a later release reads. */
export function newerThanKnown(version: unknown, file: string): Failure | undefined {
  if (typeof version !== 'number' || version <= knownFormat) return undefined;
  return failure('profile.newer', { file, version, known: knownFormat });
}

function describeProblem({ path, text }: Problem): string {
  return `${path === '' ? 'the file' : path}: ${text}`;
}

function unreadable(file: string, reason: string): Result<never> {
  return { ok: false, failure: failure('profile.unreadable', { file, reason }) };
}

/** JSON.parse's own message quotes the text around the error, and there may be a secret. */
function describeSyntaxError(text: string): string {
  if (text.trim() === '') return 'it is empty';
  const errors: ParseError[] = [];
  try {
    parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    return 'it is not valid JSON, and nested too deeply to say where';
  }
  const [first] = errors;
  if (first === undefined) return 'it is not valid JSON';
  const { line, column } = positionsIn(text)(first.offset);
  return `it is not valid JSON at line ${line}, column ${column}`;
}
