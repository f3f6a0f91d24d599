import { afterEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../main/contracts/failure.ts';
import { profile } from '../../main/contracts/profile.ts';
import type { Prompt, PromptAnswer } from '../../main/contracts/prompt.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { Connection, type ConnectionOptions } from '../../main/engine/connection.ts';
import type { Learned } from '../../main/engine/credentials.ts';
import { createCrypto } from '../../main/engine/crypto/index.ts';
import { secretFromText } from '../../main/profiles/secrets.ts';
import { eventually } from '../support/processes.ts';
import { gatewayAddress } from '../session/support/memory-client.ts';
import type { GatewayOptions } from '../session/support/memory-gateway.ts';
import { MemoryHelper } from './support/memory-helper.ts';

const crypto = await createCrypto();
const running: { readonly connection: Connection; readonly ended: Promise<Failure> }[] = [];
afterEach(async () => {
  for (const { connection, ended } of running.splice(0)) {
    connection.stop();
    await ended;
  }
});

const types = (text: string): PromptAnswer => ({ kind: 'challenge', response: new Secret(text) });

function dial(
  answers: readonly (PromptAnswer | undefined)[] | 'nobody',
  gateway: Omit<GatewayOptions, 'seed'>,
  ppp: object,
  given: Partial<ConnectionOptions> = {},
) {
  const helper = new MemoryHelper(gateway);
  const prompts: Prompt[] = [];
  const left = answers === 'nobody' ? [] : [...answers];
  let isConnected = false;
  const connection = new Connection({
    name: 'test',
    profile: profile.parse({ version: 1, name: 'test', gateway: gatewayAddress, ppp, reconnect: { enabled: false } }),
    preSharedKey: secretFromText('the pre-shared key'),
    userName: 'alice',
    password: 'alice-pass',
    ...(answers !== 'nobody' && {
      ask: (prompt: Prompt) => {
        prompts.push(prompt);
        return Promise.resolve(left.shift());
      },
    }),
    secretFromText,
    crypto,
    openHelper: () => Promise.resolve({ ok: true, value: helper.asHelper() }),
    onEvent: ({ event }) => {
      if (event === 'connected') isConnected = true;
    },
    onLog: () => undefined,
    ...given,
  });
  const ended = connection.run();
  running.push({ connection, ended });
  const connected = (): Promise<true> => eventually('a connection', 20_000, () => isConnected);
  return { helper, prompts, ended, connected };
}

const asksForCode = { methods: ['eap-gtc'], code: { text: 'Token of Friday', right: '4711' } } as const;
const byGtc = { authentication: ['eap-gtc'] };

test('what the gateway asks reaches whoever asks the user, in its words, and the answer the gateway', async () => {
  const { helper, prompts, connected } = dial([types('4711')], asksForCode, byGtc);
  await connected();
  expect(prompts).toEqual([{ kind: 'challenge', text: 'Token of Friday', masked: false }]);
  expect(helper.gateway?.shown).toEqual(['alice-pass', '4711']);
  expect(helper.dialled).toBe(1);
});

test('after a wrong answer nothing is sent again before the user has typed something else', async () => {
  const { helper, prompts, ended } = dial([types('1'), undefined], asksForCode, byGtc);
  expect((await ended).code).toBe('auth.rejected');
  expect(prompts.map(({ kind }) => kind)).toEqual(['challenge', 'credentials']);
  expect(helper.dialled).toBe(1);
  expect(helper.gateway?.shown).toEqual(['alice-pass', '1']);
});

test('a user who does not want to answer ends the connection', async () => {
  const { ended } = dial([undefined], asksForCode, byGtc);
  expect((await ended).code).toBe('user.stopped');
});

test('where nobody can be asked, the failure says what was asked', async () => {
  const { ended } = dial('nobody', asksForCode, byGtc);
  expect(await ended).toMatchObject({ code: 'auth.challengeUnanswered', facts: { text: ': "Token of Friday"' } });
});

describe('a password that has expired', () => {
  const gateway = { methods: ['mschapv2'], expired: true } as const;
  const ppp = { authentication: ['mschapv2'] };
  const chooses = (text: string): PromptAnswer => ({ kind: 'newPassword', password: new Secret(text), remember: true });

  test.each(['mschapv2', 'eap-mschapv2'] as const)('is changed while the gateway waits, by %s', async (method) => {
    const learned: Learned[] = [];
    const own = { authentication: [method] };
    const given = { onLearned: (each: Learned) => learned.push(each) };
    const { helper, prompts, connected } = dial([chooses('alice-next')], { ...gateway, methods: [method] }, own, given);
    await connected();
    expect(prompts).toEqual([{ kind: 'newPassword', userName: 'alice', text: 'it has expired' }]);
    expect(helper.dialled).toBe(1);
    expect(learned.map((each) => each.what === 'password' && each.password.expose())).toEqual(['alice-next']);
  });

  test('that nobody chooses a new one for ends the connection as the user wanted', async () => {
    const { helper, ended } = dial([undefined], gateway, ppp);
    expect((await ended).code).toBe('user.stopped');
    expect(helper.dialled).toBe(1);
  });

  test('says so where nobody can be asked', async () => {
    const { ended } = dial('nobody', gateway, ppp);
    expect((await ended).code).toBe('auth.passwordExpired');
  });
});

test('a code that belongs behind the password is asked for at each dial', async () => {
  const gateway = { methods: ['pap'], users: { alice: 'alice-pass4711' } } as const;
  const ppp = { authentication: ['pap'], oneTimeCode: 'append' };
  const { helper, prompts, connected } = dial([types('4711')], gateway, ppp);
  await connected();
  expect(prompts).toEqual([{ kind: 'challenge', text: 'One-time code', masked: false }]);
  expect(helper.gateway?.shown).toEqual(['alice-pass4711']);
});

test('a certificate alone asks for no password, and says when there is none', async () => {
  const eapTls = { certificateFile: 'a', keyFile: 'b', authoritiesFile: 'c' };
  const ppp = { authentication: ['eap-tls'], eapTls };
  const { prompts, ended } = dial([], { methods: ['eap-tls'] }, ppp, { password: undefined });
  expect(await ended).toMatchObject({ code: 'auth.gatewayCertificate' });
  expect(prompts).toEqual([]);
});
