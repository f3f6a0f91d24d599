import type { AccessReview } from '../../../contracts/access-review.ts';
import { groupColumns, userColumns, visible, weaknessText, type Column } from './words.ts';

/**
 * One table (RFC 4180), whose first column says what a row is about: `host` (a weakness), `group`, `user`. Spreadsheets
 * run what begins like a formula, and users choose their names: such a cell begins with an apostrophe.
 */
export function csvOf(review: AccessReview): string {
  const headings = [...new Set(['about', ...userColumns.map(headingOf), ...groupColumns.map(headingOf)])];
  const row = <Row>(about: string, columns: readonly Column<Row>[], of: Row): string => {
    const cells = new Map(columns.map((column) => [headingOf(column), column.of(of)]));
    return line(headings.map((heading) => (heading === 'about' ? about : (cells.get(heading) ?? ''))));
  };
  return [
    line(headings),
    ...review.weaknesses.map((weakness) => row('host', [{ heading: 'weak', of: weaknessText }], weakness)),
    ...review.groups.map((group) => row('group', groupColumns, group)),
    ...review.users.map((user) => row('user', userColumns, user)),
  ].join('\r\n');
}

const headingOf = ({ heading }: { readonly heading: string }): string => heading;

function line(cells: readonly string[]): string {
  return cells.map(cell).join(',');
}

function cell(text: string): string {
  // Also after what a spreadsheet trims.
  const isFormula = /^[\s\p{C}]*[=+\-@|%＝＋－＠]/u.test(text);
  const safe = isFormula ? `'${text}` : text;
  return `"${visible(safe).replaceAll('"', '""')}"`;
}
