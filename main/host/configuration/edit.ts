import { applyEdits, modify } from 'jsonc-parser';
import type { MemberPath } from './problem.ts';

/** One member that gets another value; `undefined` takes it out. */
export interface Edit {
  readonly path: MemberPath;
  readonly value: unknown;
}

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };

/**
 * The text of a configuration with some members changed, and all else as somebody wrote it, comments included. To be judged
 * before it is used: what is edited need not fit, nor the text have been right.
 *
 * @throws where the path leads through what is no object or list
 */
export function editText(text: string, edits: readonly Edit[]): string {
  return edits.reduce(
    (before, { path, value }) => applyEdits(before, modify(before, [...path], value, { formattingOptions })),
    text,
  );
}
