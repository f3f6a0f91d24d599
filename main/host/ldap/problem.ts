import type { LdapTrouble } from './outcome.ts';

/** A server decided nothing. */
export class LdapProblem extends Error {
  readonly trouble: LdapTrouble;

  /** @param detail  for the log: facts and the server's own words, never a secret */
  constructor(trouble: LdapTrouble, detail: string) {
    super(printable(detail));
    this.name = 'LdapProblem';
    this.trouble = trouble;
  }
}

const longestDetail = 300;

/** What somebody else wrote, fit for a line of a log. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length > longestDetail ? `${line.slice(0, longestDetail)}…` : line;
}
