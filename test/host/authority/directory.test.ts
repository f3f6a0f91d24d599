import { describe, expect, test, vi } from 'vitest';
import { directorySource } from '../../../main/host/authority/sources/directory.ts';
import { ldapRefusals, type LdapOutcome, type UserDirectory } from '../../../main/host/ldap/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { sessionPolicy } from '../../session/support/memory-host.ts';
import { credentials } from '../../protocol/radius/support.ts';

vi.setConfig({ testTimeout: 60_000 });

const { signal } = new AbortController();
const session = { sessionId: '1' };
const notes = { onOutcome: () => undefined, isAllowed: () => true };
const known: LdapOutcome = {
  kind: 'known',
  server: 'ldap://a',
  dn: 'uid=ada',
  grant: { source: 'ldap' },
  remarks: [],
  failures: [],
};

function source(outcome: LdapOutcome) {
  const asked: unknown[] = [];
  const directory: UserDirectory = {
    judge: ({ user, password }) => {
      asked.push([user, password.expose()]);
      return Promise.resolve(outcome);
    },
    lookUp: () => Promise.resolve(outcome),
    recheck: (who) => {
      asked.push(who);
      return Promise.resolve(outcome);
    },
    close: () => Promise.resolve(),
  };
  return { asked, source: directorySource(directory, notes) };
}

const judge = (outcome: LdapOutcome) =>
  source(outcome).source.judge({ request: credentials('pap', 'secret', 'CORP\\ada'), session }, signal);

describe('a directory', () => {
  test('judges the name verbatim and the password’s bytes', async () => {
    const { source: ldap, asked } = source(known);
    const answer = await ldap.judge({ request: credentials('pap', 'pässword', 'CORP\\ada'), session }, signal);
    expect(answer).toMatchObject({ kind: 'accepted', judgedBy: { source: 'ldap', dn: 'uid=ada' } });
    expect(asked).toEqual([['CORP\\ada', utf8('pässword')]]);
  });

  test.each(['chap-md5', 'mschapv2'] as const)('is not asked where %s shows no password', async (method) => {
    const { source: ldap, asked } = source(known);
    expect(await ldap.judge({ request: credentials(method, 'x'), session }, signal)).toEqual({ kind: 'unable' });
    expect(asked).toEqual([]);
  });

  test('leaves to others whom it alone does not know, and takes an outage for nothing else', async () => {
    const failures = [{ server: 'ldap://a', trouble: 'noAnswer', detail: '' }] as const;
    expect(await judge({ kind: 'unavailable', failures })).toEqual({ kind: 'unavailable' });
    for (const [reason, recorded] of Object.entries(ldapRefusals)) {
      const answer = await judge({
        kind: 'refused',
        reason: reason as keyof typeof ldapRefusals,
        detail: '',
        failures: [],
      });
      expect(answer).toMatchObject(
        reason === 'unknownUser' ? { kind: 'unknown' } : { kind: 'refused', reason: recorded },
      );
    }
  });

  test('that is configured by nobody lets nobody in', async () => {
    const nobody = directorySource(undefined, notes);
    expect(await nobody.judge({ request: credentials('pap', 'x'), session }, signal)).toEqual({ kind: 'unavailable' });
  });

  test('ends the sessions of closed accounts, and of no user whose password somebody else guesses at', async () => {
    const admission = {
      user: 'ada',
      method: 'pap',
      judgedBy: { source: 'ldap', dn: 'uid=ada' },
      policy: sessionPolicy(),
      decidedAtMs: 0,
      endsWithAccount: false,
      accounting: { class: [] },
    } as const;
    const standing = (outcome: LdapOutcome) => source(outcome).source.recheck(admission, signal);
    const after = (reason: keyof typeof ldapRefusals) =>
      standing({ kind: 'refused', reason, detail: '', failures: [] });
    expect(await standing(known)).toBe('stays');
    expect(await standing({ kind: 'unavailable', failures: [] })).toBe('unsure');
    expect(await Promise.all([after('unknownUser'), after('accountDisabled'), after('outsideHours')])).toEqual([
      'accountClosed',
      'accountClosed',
      'hoursEnded',
    ]);
    expect(await Promise.all([after('locked'), after('wrongPassword'), after('passwordExpired')])).toEqual([
      'stays',
      'stays',
      'stays',
    ]);
  });
});
