import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { editText, openVersions } from '../../../main/host/configuration/index.ts';
import { changeFile } from '../../../main/host/offline/index.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

const text = `{
  // Every client knows this key.
  "preSharedKey": "a key of this test alone", /* really */
  "pools": { "office": { "ranges": ["10.91.37.0/24"] } },
  "groups": {
    // Who works here.
    "staff": { "tunnel": "split", "routes": ["10.20.0.0/16"] },
  },
}
`;

let folder = '';
beforeEach(() => {
  folder = scratchFolder('edit');
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'host.json'), text, { mode: 0o600 });
});
afterEach(() => {
  removeScratch(folder);
});
const file = (): string => join(folder, 'host.json');
const versions = (): string => join(folder, 'state', 'configurations');

test('a member gets another value, and all else stays as somebody wrote it', () => {
  const edited = editText(text, [{ path: ['groups', 'staff', 'isolated'], value: false }]);
  expect(parse(edited)).toMatchObject({ groups: { staff: { tunnel: 'split', isolated: false } } });
  for (const comment of ['// Every client knows this key.', '/* really */', '// Who works here.']) {
    expect(edited).toContain(comment);
  }
  expect(editText(edited, [{ path: ['groups', 'staff', 'isolated'], value: undefined }])).not.toContain('isolated');
});

test('any value that is put in is read again, whatever its names and texts hold', () => {
  const name = fc.string({ unit: 'binary', maxLength: 8 }).filter((each) => each !== '__proto__');
  const value = fc.dictionary(name, fc.string({ unit: 'binary', maxLength: 8 }));
  fc.assert(
    fc.property(value, (group) => {
      const edited = editText(text, [{ path: ['groups', 'guests'], value: group }]);
      const read = parse(edited) as { groups: Record<string, unknown> };
      expect(read.groups).toEqual({ staff: { tunnel: 'split', routes: ['10.20.0.0/16'] }, guests: { ...group } });
    }),
    { numRuns: 30 },
  );
});

test('a file is changed with its present text kept, or not at all', () => {
  const rate = { path: ['groups', 'staff', 'rate'], value: { up: 5000 } };
  expect(changeFile(versions(), file(), [rate])).toEqual({ ok: true, warnings: [] });
  expect(parse(readFileSync(file(), 'utf8'))).toMatchObject({ groups: { staff: { rate: { up: 5000 } } } });
  const kept = openVersions(versions(), 20);
  expect(kept.list().map(({ number }) => kept.read(number))).toEqual([text, readFileSync(file(), 'utf8')]);

  const before = readFileSync(file(), 'utf8');
  const refused = changeFile(versions(), file(), [{ path: ['groups', 'staff', 'pools'], value: ['none'] }]);
  expect(refused).toMatchObject({
    ok: false,
    errors: [{ path: 'groups.staff.pools[0]', line: expect.any(Number) as number }],
  });
  expect(readFileSync(file(), 'utf8')).toBe(before);
});
