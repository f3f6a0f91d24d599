import { describe, expect, test } from 'vitest';
import type { AuthMethod, Further, VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import { Packet } from '../../../main/protocol/ppp/packet.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { decode, encode } from '../../../main/protocol/wire/codec.ts';
import { seeds } from '../../support/seeded-crypto.ts';
import { byPassword, longRunMs, meetByEap, refused, thenCode, type EapScene } from './scene.ts';

const passwordMethods = ['eap-md5', 'eap-gtc', 'eap-mschapv2'] as const;
const every = [...passwordMethods, 'eap-tls'] as const satisfies readonly AuthMethod[];

const certificateIsAlices: EapScene['judge'] = (request) =>
  request.method === 'eap-tls' && request.names.includes('alice@corp.example') ? { ok: true } : refused;

const both = (method: AuthMethod, more: EapScene = {}): EapScene => ({
  ...more,
  client: { methods: [method], ...more.client },
  host: { methods: [method], ...more.host },
  ...(method === 'eap-tls' && { judge: certificateIsAlices }),
});

describe.each(every)('%s', (method) => {
  test('opens the link, and both sides know by what', () => {
    const { client, host, run } = meetByEap(both(method));
    run();
    expect(client.all('authenticated')).toMatchObject([{ method, userName: 'CORP\\alice' }]);
    expect(host.all('authenticated')).toMatchObject([{ method, userName: 'CORP\\alice' }]);
    expect(host.all('verify')).toMatchObject([{ via: method }]);
    expect(client.up?.local).toBe('10.99.0.10');
  });

  test('opens the link whatever is lost, repeated and reordered on the way', { timeout: longRunMs }, () => {
    // With the first two, a request from long before comes late.
    for (const seed of [38, 87, ...seeds(25)]) {
      const faults = { seed, loss: 0.15, repeat: 0.15, reorder: 0.2 };
      const { client, host, run } = meetByEap(both(method, { faults }));
      run();
      expect({ seed, up: client.up?.local, cause: client.cause }).toEqual({ seed, up: '10.99.0.10', cause: undefined });
      expect({ seed, verified: host.all('verify').length }).toEqual({ seed, verified: 1 });
    }
  });
});

describe.each(passwordMethods)('a wrong password by %s', (method) => {
  test('is said once, and ends both links with the reason', { timeout: longRunMs }, () => {
    for (const seed of seeds(10)) {
      const wrong = { client: { credentials: { userName: 'alice', password: 'wrong' } } };
      const { client, host, run } = meetByEap(both(method, { ...wrong, faults: { seed, loss: 0.1 } }));
      run();
      expect({ seed, cause: client.cause?.code }).toMatchObject({
        cause: expect.stringMatching(/^(authenticationRejected|peerTerminated)$/) as string,
      });
      expect(host.cause).toMatchObject({ code: 'authenticationRejected', method, reason: 691 });
      expect(host.all('verify')).toHaveLength(1);
      expect(client.up).toBeUndefined();
    }
  });
});

test('the client says which methods it would rather have, and the host takes the one that it likes best', () => {
  const { client, host, run } = meetByEap({
    host: { methods: ['eap-tls', 'eap-md5', 'eap-mschapv2'] },
    client: { methods: ['eap-gtc', 'eap-mschapv2'] },
  });
  run();
  expect(client.all('authenticated')).toMatchObject([{ method: 'eap-mschapv2' }]);
  expect(host.all('verify')).toHaveLength(1);
});

test('no method in common is named on both sides', () => {
  const { client, host, run } = meetByEap({ host: { methods: ['eap-tls'] }, client: { methods: ['eap-md5'] } });
  run();
  expect(client.cause).toEqual({ code: 'noCommonAuthentication', offered: ['eap-tls'] });
  expect(host.cause).toEqual({ code: 'noCommonAuthentication', offered: ['eap-tls'] });
});

test('a client that allows no EAP gets CHAP of a host that would rather have EAP', () => {
  const { client, run } = meetByEap({
    host: { methods: ['eap-mschapv2', 'mschapv2'] },
    client: { methods: ['mschapv2'] },
  });
  run();
  expect(client.all('authenticated')).toMatchObject([{ method: 'mschapv2' }]);
});

test('a host that wants EAP lets nobody in without', () => {
  const { client, run } = meetByEap({ host: { methods: ['eap-mschapv2'] }, client: { methods: ['mschapv2', 'pap'] } });
  run();
  expect(client.cause).toEqual({ code: 'noCommonAuthentication', offered: ['eap'] });
});

test('a host that does not know the password is no host', () => {
  const { client, run } = meetByEap({
    ...both('eap-mschapv2'),
    judge: () => ({ ok: true, authenticatorResponse: '00'.repeat(20) }),
  });
  run();
  expect(client.cause).toEqual({ code: 'serverNotAuthentic' });
});

describe('a second step', () => {
  test('is asked of the user in the words of the host; the password itself is not', { timeout: longRunMs }, () => {
    for (const seed of seeds(25)) {
      const faults = { seed, loss: 0.15, repeat: 0.15 };
      const { client, run } = meetByEap(both('eap-gtc', { judge: thenCode('123456'), types: ['123456'], faults }));
      run();
      expect(client.all('challenge')).toEqual([{ kind: 'challenge', text: 'Code', masked: false }]);
      expect({ seed, up: client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
    }
  });

  test('is asked again as often as the host wants it, and never answered twice by the same', () => {
    const types = ['1', '2', '123456'];
    const { client, host, run } = meetByEap(both('eap-gtc', { judge: thenCode('123456'), types }));
    run();
    expect(client.all('challenge').map(({ text }) => text)).toEqual(['Code', 'Wrong. Code', 'Wrong. Code']);
    expect(host.all('verify')).toHaveLength(4);
    expect(client.up).toBeDefined();
  });

  test('that is wrong once too often ends the link', () => {
    const { client, run } = meetByEap(both('eap-gtc', { judge: thenCode('123456'), types: ['1', '2', '3'] }));
    run();
    expect(client.cause).toMatchObject({ code: 'authenticationRejected', method: 'eap-gtc' });
  });

  test('that nobody can be asked for says what was asked', () => {
    const { client, run } = meetByEap(both('eap-gtc', { judge: thenCode('1'), client: { userWaitMs: 0 } }));
    run();
    expect(client.cause).toEqual({ code: 'challengeUnanswered', text: 'Code' });
  });

  test('waits a minute for the user while nothing but a few reminders crosses the wire', () => {
    const { client, host, run } = meetByEap(both('eap-gtc', { judge: thenCode('1') }));
    const { datagrams } = run();
    expect(client.cause).toEqual({ code: 'challengeUnanswered', text: 'Code' });
    expect(client.nowMs).toBeGreaterThanOrEqual(60_000);
    expect(datagrams).toBeLessThan(40);
    expect(host.all('verify')).toHaveLength(1);
  });
});

describe('a host that takes its time', () => {
  test.each([...passwordMethods, 'mschapv2', 'pap', 'chap-md5'] as const)(
    'by %s: the user is told, nothing is said again and again, and the answer after a minute counts',
    (method) => {
      const { client, host, run } = meetByEap({
        client: { methods: [method], authenticationTimeoutMs: 75_000 },
        host: { methods: [method], authenticationTimeoutMs: 90_000 },
      });
      const judged: VerifyRequest[] = [];
      const inTime = host.react;
      host.react = (effect) => {
        if (effect.kind !== 'verify') return inTime(effect);
        judged.push(effect.request);
        return undefined;
      };
      run(65_000);
      expect(client.all('waiting')).toHaveLength(1);
      expect(judged).toHaveLength(1);
      const sent = client.all('send').length;
      expect(sent).toBeLessThan(12);
      const [request] = judged;
      if (request === undefined) return;
      host.react = inTime;
      const replies = host.input({ kind: 'verdict', attempt: 1, verdict: byPassword(request, host.crypto) });
      let back = replies.flatMap((bytes) => client.receive(bytes, 65_000));
      for (let i = 0; i < 8; i++) {
        back = back.flatMap((bytes) => host.receive(bytes, 65_000)).flatMap((bytes) => client.receive(bytes, 65_000));
      }
      expect(client.all('authenticated')).toMatchObject([{ method }]);
    },
  );
});

describe('relayed', () => {
  const request = (identifier: number, type: number, text: string): Further => {
    const data = Uint8Array.of(type, ...utf8(text));
    const message = encode(Packet, { code: 1, identifier, data });
    return {
      ok: 'further',
      kind: 'relayed',
      message,
      token: { by: 'radius', server: 's', state: Uint8Array.of(identifier) },
    };
  };

  test('what a server and the client say goes through unread, and the server decides', { timeout: longRunMs }, () => {
    for (const seed of seeds(25)) {
      const heard: VerifyRequest[] = [];
      const judge: EapScene['judge'] = (asked) => {
        heard.push(asked);
        return (
          [request(77, 6, 'Password'), request(78, 6, 'Token'), { ok: true } as const][heard.length - 1] ?? refused
        );
      };
      const { client, host, run } = meetByEap({
        client: { methods: ['eap-gtc'] },
        host: { methods: ['eap'] },
        judge,
        types: ['4711'],
        faults: { seed, loss: 0.1, repeat: 0.1 },
      });
      run();
      expect({ seed, up: client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
      expect(host.all('authenticated')).toMatchObject([{ method: 'eap-gtc', userName: 'CORP\\alice' }]);
      const said = heard.map((each) => (each.method === 'eap' ? decode(Packet, each.message) : undefined));
      expect(said).toMatchObject([
        { code: 2, data: Uint8Array.of(1, ...utf8('CORP\\alice')) },
        { code: 2, identifier: 77, data: Uint8Array.of(6, ...utf8('alice-pass')) },
        { code: 2, identifier: 78, data: Uint8Array.of(6, ...utf8('4711')) },
      ]);
      expect(heard.map((each) => ('token' in each ? each.token : undefined))).toMatchObject([
        undefined,
        { by: 'radius', state: Uint8Array.of(77) },
        { by: 'radius', state: Uint8Array.of(78) },
      ]);
    }
  });

  test('whoever verifies may leave it to the host', () => {
    const judge: EapScene['judge'] = (asked, crypto) =>
      asked.method === 'eap' ? { ok: 'further', kind: 'own' } : byPassword(asked, crypto);
    const { client, host, run } = meetByEap({
      client: { methods: ['eap-mschapv2'] },
      host: { methods: ['eap', 'eap-mschapv2'] },
      judge,
    });
    run();
    expect(client.all('authenticated')).toMatchObject([{ method: 'eap-mschapv2' }]);
    expect(host.all('verify').map(({ via }) => via)).toEqual(['eap', 'eap-mschapv2']);
  });

  test('what is no request of EAP is not passed on', () => {
    const nonsense: Further = {
      ok: 'further',
      kind: 'relayed',
      message: Uint8Array.of(3, 1, 0, 4),
      token: { by: 'radius', server: 's', state: new Uint8Array() },
    };
    const { client, run } = meetByEap({
      client: { methods: ['eap-gtc'] },
      host: { methods: ['eap'] },
      judge: () => nonsense,
    });
    run();
    expect(client.cause).toMatchObject({ code: 'authenticationRejected' });
  });
});

describe('a password that has expired', () => {
  const scene = (newPassword: string | undefined) => {
    const changed: string[] = [];
    const made = meetByEap({
      ...both('eap-mschapv2'),
      judge: (request, crypto) => {
        const verdict = byPassword(request, crypto);
        if (request.method === 'mschapv2-change') changed.push(request.userName);
        else if (verdict.ok === true) return { ok: false, code: 648, retryAllowed: false, message: 'too old' };
        return verdict;
      },
    });
    const before = made.client.react;
    made.client.react = (effect) => {
      if (effect.kind !== 'passwordExpired') return before(effect);
      return newPassword === undefined ? undefined : { kind: 'changePassword', newPassword };
    };
    return { ...made, changed };
  };

  test('is changed within EAP-MSCHAPv2', () => {
    const { client, run, changed } = scene('a new one');
    run();
    expect(changed).toEqual(['CORP\\alice']);
    expect(client.all('authenticated')).toHaveLength(1);
    expect(client.up).toBeDefined();
  });

  test('ends the link with that reason where nobody chooses another', () => {
    const { client, run } = scene(undefined);
    run();
    expect(client.cause).toMatchObject({ code: 'authenticationRejected', reason: 648, message: 'too old' });
  });
});
