import { weaknesses, type AccessReview, type ReviewedUser } from '../../../contracts/access-review.ts';
import { groupColumns, remarks, userColumns, visible, weaknessText, type Column } from './words.ts';

/** A page of its own, for a browser or a printer: it loads nothing and runs nothing, whatever a user is called. */
export function htmlOf(review: AccessReview): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Access review ${escaped(review.madeAt.slice(0, 10))}</title>
<style>${style}</style>
</head>
<body>
<h1>Access review</h1>
<p>Made ${escaped(review.madeAt)}. ${remarks(review).map(escaped).join(' ')}</p>
<h2>The host</h2>
${weaknessList(review)}
<h2>Groups</h2>
${table(groupColumns, review.groups, () => '')}
<h2>Users</h2>
${table(userColumns, review.users, classOf)}
</body>
</html>`;
}

const style = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #1a1a1a; background: #fff }
table { border-collapse: collapse; font-size: 12px }
th, td { border: 1px solid #bbb; padding: .3em .5em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee }
.attention { background: #fff3cd }
.closed { color: #666 }
@media print { body { margin: 0 } tr { break-inside: avoid } }
`;

function weaknessList({ weaknesses: found }: AccessReview): string {
  if (found.length === 0) return '<p>Nothing weak is configured.</p>';
  const items = found.map((each) => `<li>${escaped(weaknessText(each))}. ${escaped(weaknesses[each].fix)}</li>`);
  return `<ul>\n${items.join('\n')}\n</ul>`;
}

function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], kind: (row: Row) => string): string {
  if (rows.length === 0) return '<p>None.</p>';
  const heads = columns.map(({ heading }) => `<th scope="col">${escaped(heading)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = columns.map(({ of }) => `<td>${escaped(of(row))}</td>`).join('');
    return `<tr class="${kind(row)}">${cells}</tr>`;
  });
  return `<table>\n<thead><tr>${heads}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function classOf({ standing, isUnused, weaknesses: found }: ReviewedUser): string {
  if (standing === 'disabled' || standing === 'expired' || standing === 'notAllowed') return 'closed';
  return isUnused || found.length > 0 ? 'attention' : '';
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}
