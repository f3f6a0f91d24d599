import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DynamicAuthorizationListener, RadiusClient, type RadiusEvent } from '../../../main/host/radius/index.ts';
import {
  dynamicAuthorizationDefaults,
  type DynamicAuthorizationAnswer,
  type DynamicAuthorizationRequest,
  type RadiusConfig,
} from '../../../main/protocol/radius/index.ts';
import { judgeAnswer, writeDynamicRequest } from '../../../main/protocol/radius/wire/authenticators.ts';
import { codes, readPacket } from '../../../main/protocol/radius/wire/packet.ts';
import { eventually } from '../../support/processes.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import {
  MemoryServer,
  accounted,
  config,
  credentials,
  secret,
  server,
  session,
} from '../../protocol/radius/support.ts';

const crypto = seededCrypto(1);
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A socket that answers as `answer` does; its port. */
async function listen(address: string, answer: (bytes: Uint8Array) => Uint8Array | undefined): Promise<number> {
  const socket = await bound(address);
  socket.on('message', (bytes, from) => {
    const said = answer(bytes);
    if (said !== undefined) socket.send(said, from.port, from.address);
  });
  return socket.address().port;
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  cleanUps.push(() => new Promise((resolve) => socket.close(resolve)));
  await new Promise<void>((resolve) => {
    socket.bind(0, address, resolve);
  });
  return socket;
}

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const socket = await bound('127.0.0.1');
  const { port } = socket.address();
  await cleanUps.pop()?.();
  return port;
}

function open(changes: Partial<RadiusConfig>): { client: RadiusClient; events: RadiusEvent[] } {
  const events: RadiusEvent[] = [];
  const client = new RadiusClient(config(changes), crypto, (event) => events.push(event));
  cleanUps.push(() => client.close());
  return { client, events };
}

const asked = { credentials: credentials('mschapv2', 'alice-pass'), session };
const at = (name: string, port: number, address = '127.0.0.1') => server(name, { port, address });

describe('the client', () => {
  test.each(['127.0.0.1', '::1'])('asks servers at %s, and accounts with them', async (address) => {
    const radius = new MemoryServer();
    const port = await listen(address, (bytes) => radius.answer(bytes));
    const servers = { authentication: [at('one', port, address)], accounting: [at('books', port, address)] };
    const { client, events } = open({ servers });
    const right = client.authenticate(asked);
    const wrong = client.authenticate({ credentials: credentials('pap', 'wrong'), session });
    expect((await right).kind).toBe('accepted');
    expect((await wrong).kind).toBe('rejected');
    client.account({ kind: 'on' });
    client.account({ kind: 'start', session: accounted() });
    expect(await client.drained(10_000)).toBe(true);
    expect(events.map(({ kind }) => kind)).toEqual(['accounted', 'accounted']);
  });

  test('hears that a port is closed, and turns to the next server at once', async () => {
    const radius = new MemoryServer();
    const port = await listen('127.0.0.1', (bytes) => radius.answer(bytes));
    const servers = { authentication: [at('closed', await closedPort()), at('open', port)], accounting: [] };
    const { client, events } = open({ servers, retransmission: { firstMs: 300_000, maxMs: 300_000, sends: 1 } });
    expect(await client.authenticate(asked)).toMatchObject({ kind: 'accepted', server: 'open' });
    expect(events).toMatchObject([{ kind: 'serverDown', server: 'closed', trouble: { code: 'refused' } }]);
  });

  test('says that there is no way to a server, and tries with another socket later', async () => {
    const retransmission = { firstMs: 20, maxMs: 20, sends: 3 };
    const { client } = open({
      servers: { authentication: [at('away', 9, '255.255.255.255')], accounting: [] },
      retransmission,
    });
    expect(await client.authenticate(asked)).toEqual({
      kind: 'noServer',
      failures: [{ server: 'away', trouble: { code: 'unreachable' } }],
    });
  });

  test('repeats what is lost, by its own clock', async () => {
    const radius = new MemoryServer();
    let heard = 0;
    const port = await listen('127.0.0.1', (bytes) => ((heard += 1) < 3 ? undefined : radius.answer(bytes)));
    const retransmission = { firstMs: 20, maxMs: 20, sends: 10 };
    const { client } = open({ servers: { authentication: [at('one', port)], accounting: [] }, retransmission });
    expect((await client.authenticate(asked)).kind).toBe('accepted');
    expect(heard).toBeGreaterThanOrEqual(3);
  });

  test('tells who hangs up, or outlives it, that nothing came of it', async () => {
    const port = await listen('127.0.0.1', () => undefined);
    const servers = { authentication: [at('mute', port)], accounting: [at('mute', port)] };
    const { client } = open({ servers });
    const hangUp = new AbortController();
    const first = client.authenticate(asked, hangUp.signal);
    const second = client.authenticate(asked);
    hangUp.abort();
    expect(await first).toEqual({ kind: 'cancelled' });
    client.account({ kind: 'on' });
    const drained = client.drained(60_000);
    await client.close();
    expect(await second).toEqual({ kind: 'cancelled' });
    expect(await drained).toBe(false);
    expect(await client.authenticate(asked)).toEqual({ kind: 'cancelled' });
    expect(await client.authenticate(asked, hangUp.signal)).toEqual({ kind: 'cancelled' });
  });

  test('leaves no socket and no timer behind', async () => {
    const port = await listen('127.0.0.1', () => undefined);
    await eventually('only the server’s socket is open', 2000, () => sockets() === 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { client } = open({ servers: { authentication: [at('mute', port)], accounting: [at('mute', port)] } });
    void client.authenticate(asked);
    client.account({ kind: 'on' });
    void client.drained(60_000);
    expect([sockets(), vi.getTimerCount()]).toEqual([3, 2]);
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await eventually('the sockets are closed', 2000, () => sockets() === 1);
  });
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
}

describe('the listener', () => {
  /** Sends a request to a listener; resolves with the code of the genuine answer. */
  async function ask(
    onRequest: (request: DynamicAuthorizationRequest) => Promise<DynamicAuthorizationAnswer>,
    address = '127.0.0.1',
  ) {
    const listener = await DynamicAuthorizationListener.open({
      address,
      port: 0,
      crypto,
      onRequest,
      config: {
        ...dynamicAuthorizationDefaults,
        clients: [{ name: 'aaa', address, secret }],
        nas: { identifier: 'gateway.test' },
      },
    });
    cleanUps.push(() => listener.close());
    const socket = await bound(address);
    const answered = new Promise<Uint8Array>((resolve) => socket.once('message', resolve));
    const values = { acctSessionId: '4711', eventTimestamp: Math.floor(Date.now() / 1000) };
    const request = writeDynamicRequest(crypto, secret, { code: codes.disconnectRequest, identifier: 1 }, values);
    socket.send(request, listener.port, address);
    const answer = await answered;
    expect(judgeAnswer(crypto, secret, readPacket(request).authenticator, answer)).toBeUndefined();
    return readPacket(answer).code;
  }

  test.each(['127.0.0.1', '0:0:0:0:0:0:0:1'])(
    'at %s hands a request to the host and its answer back',
    async (address) => {
      const heard: DynamicAuthorizationRequest[] = [];
      const code = await ask((request) => {
        heard.push(request);
        return Promise.resolve({ ok: true });
      }, address);
      expect(code).toBe(codes.disconnectAck);
      expect(heard).toMatchObject([{ action: 'disconnect', client: 'aaa', selector: { sessionId: '4711' } }]);
    },
  );

  test('refuses what the host failed to do', async () => {
    expect(await ask(() => Promise.reject(new Error('no')))).toBe(codes.disconnectNak);
  });

  test('says that its port is taken', async () => {
    const taken = (await bound('127.0.0.1')).address().port;
    const options = { clients: [], nas: { identifier: 'g' }, ...dynamicAuthorizationDefaults };
    const onRequest = (): Promise<DynamicAuthorizationAnswer> => Promise.resolve({ ok: true });
    await expect(
      DynamicAuthorizationListener.open({ address: '127.0.0.1', port: taken, crypto, onRequest, config: options }),
    ).rejects.toThrow('EADDRINUSE');
  });
});
