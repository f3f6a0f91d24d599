import { Filter, FilterParser } from 'ldapts';
import { personFilter, type WindowsDomain } from './windows/domain.ts';

/** How users are found: by a filter that has `{user}` in the place of their name, or as a Windows domain names them. */
export type UserFinding = string | WindowsDomain;

const place = '{user}';

/**
 * The filter that finds a user, whose name stands in it as a value and nothing else (RFC 4515 §3); `undefined` where nobody
 * of this directory can have the name.
 */
export function filterFor(finding: string, user: string): string;
export function filterFor(finding: UserFinding, user: string): string | undefined;
export function filterFor(finding: UserFinding, user: string): string | undefined {
  return typeof finding === 'string' ? filled(finding, user) : personFilter(finding, user);
}

function filled(template: string, user: string): string {
  return template.replaceAll(place, () => Filter.escape(user));
}

/** Whether a filter of the settings is one, wherever it has its `{user}`. */
export function isFilter(template: string): boolean {
  const count = (parenthesis: string): number => template.split(parenthesis).length;
  // ldapts closes for us what was left open.
  if (count('(') !== count(')')) return false;
  try {
    FilterParser.parseString(filled(template, 'user'));
    return true;
  } catch {
    return false;
  }
}
