import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accessReview } from '../../../main/contracts/access-review.ts';
import { auditLimits, openAuditLog } from '../../../main/host/audit/index.ts';
import { smallConfig, useHostCommands } from './commands.ts';

const host = useHostCommands();
const config = (): string[] => ['--config', host.configFile];

async function signIns(): Promise<void> {
  const limits = auditLimits({ file: '', rotateMegabytes: 1, rotateDays: 1, keepFiles: 1 });
  const opened = await openAuditLog(join(host.folder, 'audit', 'audit.jsonl'), limits, Date.now());
  if (!opened.ok) return expect.fail(opened.reason);
  const source = '198.51.100.7';
  opened.log.append(
    { kind: 'authenticationSucceeded', user: 'ada', source, method: 'mschapv2', judgedBy: 'local' },
    Date.now(),
  );
  opened.log.close();
  return undefined;
}

test('who may connect is reviewed from the files, in each format', async () => {
  expect((await host.run(['access-review', ...config(), '--format', 'json'])).code).toBe(0);
  await host.run(['users', 'add', 'ada', '--group', 'staff', '--password-stdin', ...config()], 'ada-pass\n');
  await host.run(['users', 'add', '=cmd', '--password-stdin', ...config()], 'other-pass\n');
  await signIns();
  const json = await host.run(['access-review', '--format', 'json', ...config()]);
  const review = accessReview.parse(JSON.parse(json.out));
  expect(review.users).toMatchObject([
    { user: '=cmd', groups: ['default'], isUnused: true },
    { user: 'ada', groups: ['staff'], lastSignIn: { from: '198.51.100.7' }, isUnused: false },
  ]);
  expect(review.weaknesses).toEqual(['sharedKey']);
  expect(JSON.parse((await host.run(['access-review', '--json', ...config()])).out)).toMatchObject({
    groups: review.groups,
  });
  const csv = await host.run(['access-review', ...config()]);
  expect(csv.out).toContain(`"'=cmd"`);
  const page = await host.run(['access-review', '--format', 'html', ...config()]);
  expect(page.out).toMatch(/^<!doctype html>[^]*198\.51\.100\.7[^]*<\/html>$/);
});

test('a user’s certificate that ends last is in the review, one that was revoked is not', async () => {
  await host.run(['users', 'add', 'ada', '--password-stdin', ...config()], 'ada-pass\n');
  await host.run(['users', 'add', 'bob', '--password-stdin', ...config()], 'bob-pass\n');
  await host.run(['ca', 'create', '--key', 'ecdsa', ...config()]);
  const issue = async (user: string, ...options: readonly string[]): Promise<string> => {
    const out = ['--out', join(host.folder, `${user}${options.join('')}.p12`), '--passphrase-stdin', '--json'];
    const issued = await host.run(['ca', 'issue', user, ...options, ...out, ...config()], 'a passphrase\n');
    return (JSON.parse(issued.out) as { notAfter: string }).notAfter;
  };
  const last = await issue('ada', '--days', '40');
  await issue('ada', '--days', '20');
  await issue('bob');
  await host.run(['ca', 'revoke', '--user', 'bob', ...config()]);
  const review = accessReview.parse(JSON.parse((await host.run(['access-review', '--json', ...config()])).out));
  expect(review.users.map(({ certificateExpiresAt }) => certificateExpiresAt)).toEqual([last, undefined]);
});

test('what cannot be reviewed is said', async () => {
  host.writeConfig('{}');
  expect(await host.run(['access-review', ...config()])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('[configuration.invalid]') as string,
  });
  host.writeConfig(smallConfig(', "authentication": { "sources": ["ldap"] }'));
  expect((await host.run(['access-review', ...config(), '--json'])).out).toContain('configuration.invalid');
});
