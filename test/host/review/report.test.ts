import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessReview, ReviewedUser } from '../../../main/contracts/access-review.ts';
import { csvOf, htmlOf } from '../../../main/host/review/index.ts';

const ada: ReviewedUser = {
  user: 'ada',
  judgedBy: 'local',
  standing: 'active',
  groups: ['staff'],
  tunnel: 'split',
  routes: ['10.20.0.0/16'],
  reach: [
    { network: '10.20.0.0/16', protocol: 'tcp', ports: ['443', '8000-8100'] },
    { network: '10.30.0.1/32', protocol: 'any' },
  ],
  addresses: ['10.91.37.9'],
  networks: [],
  lastSignIn: { at: '2026-11-27T12:00:00.123Z', from: '198.51.100.7', method: 'pap', judgedBy: 'local' },
  signIns: 2,
  lastSession: { client: 'windows', ike: '3des-cbc/sha1/modp1024', esp: '3des-cbc/sha1' },
  lastFailure: { at: '2026-11-26T12:00:00.123Z', from: '198.51.100.7', reason: 'wrongPassword' },
  failures: 1,
  secondFactor: 'none',
  certificateExpiresAt: '2027-11-27T12:00:00Z',
  weaknesses: ['pap', 'tripleDes', 'modp1024'],
  isUnused: false,
};

const reviewOf = (...users: readonly ReviewedUser[]): AccessReview => ({
  madeAt: '2026-11-29T12:00:00.000Z',
  unusedAfterDays: 90,
  auditLogFrom: '2026-01-01T00:00:00.000Z',
  isCut: false,
  weaknesses: ['sharedKey', 'pap'],
  groups: [{ name: 'staff', users: 1, pools: ['office'], isolated: true, tunnel: 'full', routes: [] }],
  users: [...users],
});

/** As RFC 4180 says, and not as the code does it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let rest = text;
  while (rest !== '') {
    const [whole, quoted, end] = /^"((?:[^"]|"")*)"(,|\r\n|$)/.exec(rest) ?? expect.fail(rest.slice(0, 80));
    rows.at(-1)?.push((quoted ?? '').replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    rest = rest.slice(whole.length);
  }
  return rows;
}

const tagsOf = (html: string): readonly string[] => html.match(/<[^>]*>/g) ?? [];

const hostileName = fc.string({
  unit: fc.constantFrom(
    ...Array.from('=+-@\t\r\n"\',;|<>&/ a1\u202e\u2028＝'),
    '<script>',
    '</td>',
    '&lt;',
    'HYPERLINK(',
  ),
  minLength: 1,
  maxLength: 20,
});

describe('a report as CSV', () => {
  test('says of each row what it is about, and of a user all there is to say', () => {
    const [headings = [], ...rows] = readCsv(csvOf(reviewOf(ada)));
    expect(rows.map(([about]) => about)).toEqual(['host', 'host', 'group', 'user']);
    const user = Object.fromEntries(headings.map((heading, i) => [heading, rows.at(-1)?.[i]]));
    expect(user).toMatchObject({
      user: 'ada',
      account: 'active',
      'may reach': '10.20.0.0/16 tcp 443,8000-8100; 10.30.0.1/32',
      tunnel: 'split: 10.20.0.0/16',
      'last sign-in': '2026-11-27T12:00:00Z',
      from: '198.51.100.7',
      method: 'PAP',
      'second factor': 'none',
      'certificate ends': '2027-11-27T12:00:00Z',
      weak: 'PAP: the password itself is sent, inside IPsec; 3DES; MODP 1024',
      unused: '',
    });
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1'])(
    'is no program where a user is called "%s"',
    (user) => {
      const cells = readCsv(csvOf(reviewOf({ ...ada, user }))).flat();
      expect(cells.find((cell) => cell.startsWith("'"))?.endsWith('1') ?? false).toBe(user.endsWith('1'));
      expect(cells.filter((cell) => /^\s*[=+\-@＝]/.test(cell))).toEqual([]);
    },
  );

  test('has its rows and columns whatever a user is called', () => {
    fc.assert(
      fc.property(hostileName, (user) => {
        const rows = readCsv(csvOf(reviewOf({ ...ada, user }, ada)));
        expect(rows).toHaveLength(6);
        expect(new Set(rows.map(({ length }) => length)).size).toBe(1);
        expect(rows.flat().filter((cell) => /^[\s\p{C}]*[=+\-@＝]/u.test(cell))).toEqual([]);
      }),
    );
  });
});

describe('a report as a page', () => {
  test('holds the host, the groups and the users, and loads nothing', () => {
    const html = htmlOf(reviewOf(ada));
    for (const text of [
      'everybody has the same pre-shared key',
      'staff',
      '10.30.0.1/32',
      'everything',
      '198.51.100.7',
    ]) {
      expect(html).toContain(text);
    }
    expect(html).toContain(`default-src 'none'`);
    expect(html).not.toMatch(/src=|href=|url\(|@import|<script/);
  });

  test('is the same page, tag by tag, whatever a user is called', () => {
    const tags = tagsOf(htmlOf(reviewOf(ada)));
    fc.assert(
      fc.property(hostileName, (user) => {
        const html = htmlOf(reviewOf({ ...ada, user }));
        expect(tagsOf(html)).toEqual(tags);
        expect(html).not.toMatch(/[\u202e\u2028]/);
      }),
    );
    const shown = htmlOf(reviewOf({ ...ada, user: `<img src=x onerror="alert('1')">&amp;` }));
    expect(shown).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;');
  });
});
