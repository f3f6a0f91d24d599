import { afterEach, describe, expect, test } from 'vitest';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { startLocalHost } from '../host/local-host.ts';
import type { UserSpaceHost } from '../host/user-space-host.ts';
import { type AttackName, attacks, type Facts } from './attacks.ts';

let host: UserSpaceHost | undefined;
afterEach(() => {
  host?.close();
});

async function attack(name: AttackName, count: number): Promise<Facts> {
  const local = await startLocalHost();
  host = local.host;
  const crypto = await createCrypto();
  const stage = { clients: local.clients, strangers: [local.clients.gateway], crypto };
  return attacks[name]({ ...stage, count, seconds: 1, begun: () => undefined });
}

/** That they do what they say: what a host makes of it is shown by test/e2e/host-hostile.test.ts. */
describe('an attack', { timeout: 60_000 }, () => {
  test('pours first messages, and is answered', async () => {
    expect(await attack('firstMessages', 50)).toEqual({ sent: 50, answers: 50 });
  });

  test('goes half of the way', async () => {
    expect(await attack('halfOpen', 50)).toEqual({ sent: 50, answers: 100 });
  });

  test('forges in the name of a client', async () => {
    expect(await attack('forgedDeletes', 1)).toMatchObject({ answering: 2 });
  });

  test("asks for another's address", async () => {
    expect(await attack('anothersAddress', 3)).toEqual({ gotTheAddress: 0, strayAnswers: 0, answering: 2 });
  });

  test('opens tunnels', async () => {
    expect(await attack('tunnels', 100)).toEqual({ sent: 200, answering: 2 });
  });

  test('is a mirror, and is hung up on', async () => {
    expect(await attack('loops', 2)).toEqual({ 'hungUp callEnded': 2, answering: 2 });
  });

  test('guesses passwords', async () => {
    expect(await attack('wrongPasswords', 30)).toEqual({
      tries: 30,
      'refused authenticationRejected 691': 30,
      answering: 8,
    });
  });
});
