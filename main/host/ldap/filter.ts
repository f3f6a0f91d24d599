import { Filter, FilterParser } from 'ldapts';

const place = '{user}';

/** The filter that finds a user, whose name stands in it as a value and nothing else (RFC 4515 §3). */
export function filterFor(template: string, user: string): string {
  return template.replaceAll(place, () => Filter.escape(user));
}

/** Whether a filter of the settings is one, wherever it has its `{user}`. */
export function isFilter(template: string): boolean {
  const count = (parenthesis: string): number => template.split(parenthesis).length;
  // ldapts closes for us what was left open.
  if (count('(') !== count(')')) return false;
  try {
    FilterParser.parseString(filterFor(template, 'user'));
    return true;
  } catch {
    return false;
  }
}
