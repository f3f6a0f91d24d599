import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionEvent } from '../../main/contracts/events.ts';
import type { Failure } from '../../main/contracts/failure.ts';
import { profile } from '../../main/contracts/profile.ts';
import { type Prompt, type PromptAnswer, promptSeconds } from '../../main/contracts/prompt.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { Connection, type ConnectionOptions } from '../../main/engine/connection.ts';
import { createCrypto } from '../../main/engine/crypto/index.ts';
import type { Ask } from '../../main/engine/prompter.ts';
import { secretFromText } from '../../main/profiles/secrets.ts';
import { eventually } from '../support/processes.ts';
import { gatewayAddress } from '../session/support/memory-client.ts';
import type { GatewayOptions } from '../session/support/memory-gateway.ts';
import { MemoryHelper } from './support/memory-helper.ts';

const crypto = await createCrypto();

interface Dialled {
  readonly helper: MemoryHelper;
  readonly prompts: Prompt[];
  readonly events: ConnectionEvent[];
  readonly learned: unknown[];
  readonly connection: Connection;
  readonly ended: Promise<Failure>;
  readonly connected: () => Promise<unknown>;
}

const running: Dialled[] = [];
afterEach(async () => {
  for (const { connection, ended } of running.splice(0)) {
    connection.stop();
    await ended;
  }
});

/** A connection whose user gives these answers, one after the other, and then no more. */
function dial(
  answers: readonly (PromptAnswer | undefined)[] | Ask,
  gateway: Omit<GatewayOptions, 'seed'> = {},
  given: Partial<ConnectionOptions> = {},
  ipsec: object = {},
): Dialled {
  const helper = new MemoryHelper(gateway);
  const prompts: Prompt[] = [];
  const events: ConnectionEvent[] = [];
  const learned: unknown[] = [];
  const left = typeof answers === 'function' ? [] : [...answers];
  const connection = new Connection({
    name: 'test',
    profile: profile.parse({
      version: 1,
      name: 'test',
      gateway: gatewayAddress,
      ipsec,
      ppp: { echo: { interval: 600 } },
    }),
    preSharedKey: secretFromText('the pre-shared key'),
    userName: 'alice',
    password: 'alice-pass',
    ask: (prompt, signal) => {
      prompts.push(prompt);
      return typeof answers === 'function' ? answers(prompt, signal) : Promise.resolve(left.shift());
    },
    onLearned: (each) => {
      learned.push(exposed(each));
    },
    secretFromText,
    crypto,
    openHelper: () => Promise.resolve({ ok: true, value: helper.asHelper() }),
    onEvent: (event) => {
      events.push(event);
    },
    onLog: () => undefined,
    ...given,
  });
  const ended = connection.run();
  const connected = (): Promise<unknown> =>
    eventually('a connection', 20_000, () => {
      const over = events.find(({ event }) => event === 'disconnected');
      if (over !== undefined) throw new Error(JSON.stringify(events, undefined, 1));
      return events.find(({ event }) => event === 'connected');
    });
  const dialled = { helper, prompts, events, learned, connection, ended, connected };
  running.push(dialled);
  return dialled;
}

function exposed(learned: object): object {
  return Object.fromEntries(
    Object.entries(learned).map(([name, value]) => [
      name,
      value instanceof Secret ? (value.expose() as unknown) : (value as unknown),
    ]),
  );
}

function typed(password: string, userName?: string, remember = false): PromptAnswer {
  return { kind: 'credentials', ...(userName !== undefined && { userName }), password: new Secret(password), remember };
}

describe('what the gateway refuses is asked for again', () => {
  test('a password, with the name used so far and in the gateway’s words', async () => {
    const { prompts, learned, helper, connected } = dial(
      [typed('alice-pass', undefined, true)],
      {},
      { password: 'wrong' },
    );
    await connected();
    expect(prompts).toMatchObject([{ kind: 'credentials', userName: 'alice', wanted: ['userName', 'password'] }]);
    expect(helper.dialled).toBe(2);
    expect(learned).toEqual([{ what: 'password', userName: 'alice', password: 'alice-pass', remember: true }]);
  });

  test('a user name', async () => {
    const { learned, connected } = dial([typed('bob-pass', 'bob')], { users: { bob: 'bob-pass' } });
    await connected();
    expect(learned).toEqual([{ what: 'password', userName: 'bob', password: 'bob-pass', remember: false }]);
  });

  test('a password that has expired, and the new one is changed to', async () => {
    const answer = { kind: 'newPassword', password: new Secret('brand new'), remember: true } as const;
    const { prompts, learned, connected } = dial([answer], { expired: true });
    await connected();
    expect(prompts).toMatchObject([{ kind: 'newPassword', userName: 'alice' }]);
    expect(learned).toEqual([{ what: 'password', userName: 'alice', password: 'brand new', remember: true }]);
  });

  test('an identity, which is then expected', async () => {
    const remoteId = { kind: 'fqdn', value: 'vpn.example.com' } as const;
    const answer = { kind: 'gatewayIdentity', accept: true } as const;
    const { prompts, learned, connected } = dial([answer], {}, {}, { remoteId });
    await connected();
    const claimed = { kind: 'address', value: gatewayAddress };
    expect(prompts).toEqual([{ kind: 'gatewayIdentity', claimed, expected: remoteId }]);
    expect(learned).toEqual([{ what: 'remoteId', remoteId: claimed }]);
  });

  test('as often as the user types something, and no oftener', async () => {
    const { prompts, helper, ended } = dial([typed('no'), typed('nor this'), undefined], {}, { password: 'wrong' });
    expect((await ended).code).toBe('auth.rejected');
    expect([prompts.length, helper.dialled]).toEqual([3, 3]);
  });
});

describe('what is not known is asked for first', () => {
  test('all of it in one prompt', async () => {
    const nothing = { userName: undefined, password: undefined, preSharedKey: undefined };
    const answer = { ...typed('alice-pass', 'alice'), preSharedKey: new Secret('the pre-shared key') } as PromptAnswer;
    const { prompts, helper, connected } = dial([answer], {}, nothing);
    await connected();
    expect(prompts).toEqual([{ kind: 'credentials', wanted: ['userName', 'password', 'preSharedKey'] }]);
    expect(helper.dialled).toBe(1);
  });

  test('and a user who cancels has stopped', async () => {
    const { helper, ended, events } = dial([undefined], {}, { password: undefined });
    expect((await ended).code).toBe('user.stopped');
    expect(helper.dialled).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(['prompting', 'disconnected']);
  });

  test('and where nobody can be asked, what is missing is said', async () => {
    const { ended } = dial([], {}, { password: undefined, ask: undefined as never });
    expect(await ended).toMatchObject({ code: 'credentials.missing', cause: 'The password is not known.' });
  });
});

describe('nothing is sent again by itself', () => {
  test.each<[string, readonly (PromptAnswer | undefined)[], Partial<ConnectionOptions>]>([
    ['where the user cancels', [undefined], {}],
    ['where the answer lacks the password', [{ kind: 'credentials', userName: 'alice', remember: false }], {}],
    ['where the answer is to another question', [{ kind: 'gatewayIdentity', accept: true }], {}],
    ['where nobody can be asked', [], { ask: undefined as never }],
  ])('%s', async (_, answers, given) => {
    const { helper, ended, learned } = dial(answers, {}, { password: 'wrong', ...given });
    expect((await ended).code).toBe('auth.rejected');
    expect(helper.dialled).toBe(1);
    expect(learned).toEqual([]);
  });
});

test('while the user is asked, watchers see it; a stop takes the prompt away', async () => {
  let withdrawn = false;
  const { connection, ended, prompts } = dial(
    (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          withdrawn = true;
          resolve(undefined);
        });
      }),
    {},
    { password: 'wrong' },
  );
  await eventually('a prompt', 20_000, () => (prompts.length > 0 ? true : undefined));
  expect(connection.status().state).toBe('prompting');
  connection.stop();
  expect((await ended).code).toBe('auth.rejected');
  expect(withdrawn).toBe(true);
});

test('a prompt that nobody answers ends when its time is up, even if whoever shows it does not mind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { ended } = dial(() => new Promise(() => undefined), {}, { password: undefined });
    await vi.advanceTimersByTimeAsync(promptSeconds.credentials * 1000);
    expect((await ended).code).toBe('credentials.missing');
  } finally {
    vi.useRealTimers();
  }
});
