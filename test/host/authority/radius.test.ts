import { describe, expect, test, vi } from 'vitest';
import { codes } from '../../../main/protocol/radius/wire/packet.ts';
import type { AttributeValues } from '../../../main/protocol/radius/wire/attributes.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { MemoryServer } from '../../protocol/radius/support.ts';
import { counted, holdTime, home, passTime, Scene, serve } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const secret = 'radsecret';

/** A configuration whose RADIUS servers are these, at authentication and accounting alike. */
function radius(ports: readonly number[], members: object = {}, sources: readonly string[] = ['radius']) {
  return {
    authentication: { methods: ['mschapv2', 'pap'], sources, timeout: 20 },
    groups: { staff: { isolated: false }, guests: { rate: { up: 500, down: 500 } } },
    radius: {
      servers: ports.map((port) => {
        return { address: '127.0.0.1', authenticationPort: port, accountingPort: port, secret, timeout: 1, tries: 2 };
      }),
      groups: [
        { value: 'Staff', group: 'staff' },
        { value: 'visitors', group: 'guests' },
      ],
      ...members,
    },
  };
}

const alice: AttributeValues = {
  framedIpAddress: '10.91.37.77',
  filterId: ['staff'],
  class: [latin1('c-alice')],
  acctInterimInterval: 60,
  sessionTimeout: 3600,
};

function accounting(server: MemoryServer): AttributeValues[] {
  return server.requests.flatMap(({ packet, values }) => (packet.code === codes.accountingRequest ? [values] : []));
}

describe('RADIUS judges', () => {
  test.each(['pap', 'mschapv2'] as const)('and says what holds for the session (%s)', async (method) => {
    const server = new MemoryServer({ alice: 'alice-pass' }, alice);
    const scene = await Scene.open(radius([await serve(server)]));
    expect(await scene.signIn('alice', undefined, { method })).toMatchObject({
      verdict: { ok: true },
      policy: {
        groups: ['staff'],
        address: { kind: 'fixed', address: '10.91.37.77' },
        sessionTimeout: 3600,
        isolated: false,
      },
    });
    expect(scene.recorded('authenticationSucceeded')).toMatchObject([{ user: 'alice', judgedBy: 'radius', method }]);
    const { values } = server.requests.find(({ packet }) => packet.code === codes.accessRequest) ?? { values: {} };
    expect(values).toMatchObject({
      userName: 'alice',
      nasIdentifier: 'gateway.test',
      nasIpAddress: '203.0.113.1',
      callingStationId: home,
      calledStationId: '203.0.113.1',
    });
  });

  test('and its no is final, repeated by nobody, and counted', async () => {
    const server = new MemoryServer({ alice: 'alice-pass' });
    const scene = await Scene.open(radius([await serve(server)], {}, ['radius', 'local']), [
      { name: 'alice', password: 'local' },
    ]);
    const refused = await scene.signIn('alice', 'local');
    expect(refused).toMatchObject({ verdict: { ok: false, code: 691, message: 'go away' } });
    expect(server.requests.filter(({ packet }) => packet.code === codes.accessRequest)).toHaveLength(1);
    for (let i = 0; i < 4; i++) await scene.signIn('alice', 'guess');
    await scene.signIn('alice');
    expect(scene.reasons().at(-1)).toBe('lockedOut');
    expect(server.requests.filter(({ packet }) => packet.code === codes.accessRequest)).toHaveLength(5);
  });

  test('those alone whom the local store does not know', async () => {
    const server = new MemoryServer({ alice: 'alice-pass', ada: 'other' });
    const scene = await Scene.open(radius([await serve(server)], {}, ['local', 'radius']), [{ name: 'ada' }]);
    expect((await scene.signIn('alice')).verdict.ok).toBe(true);
    expect((await scene.signIn('ada')).verdict.ok).toBe(true);
    expect((await scene.signIn('ada', 'other')).verdict.ok).toBe(false);
    expect(scene.recorded('authenticationSucceeded').map(({ judgedBy }) => judgedBy)).toEqual(['radius', 'local']);
  });

  test('and where none of its servers answers, nobody is let in or called a guesser', async () => {
    holdTime();
    const scene = await Scene.open(radius([await serve({ answer: () => undefined })], {}, ['radius', 'local']), [
      { name: 'alice' },
    ]);
    for (let i = 0; i < 6; i++) {
      const session = scene.ask('alice', 'alice-pass');
      await passTime(20_000);
      expect(scene.verdicts.find((each) => each.session === session)).toMatchObject({
        verdict: { ok: false, message: 'no authentication server answers; try again later' },
      });
    }
    expect(scene.reasons()).toEqual(Array.from({ length: 6 }, () => 'serversUnavailable'));
    expect(scene.recorded('serverUnavailable').filter(({ address }) => address === '127.0.0.1').length).toBeGreaterThan(
      0,
    );
    expect(scene.recorded('lockedOut')).toEqual([]);
  });

  test('within the time that one sign-in may take', async () => {
    holdTime();
    const { radius: settings, ...others } = radius([await serve({ answer: () => undefined })]);
    const slow = { ...settings, servers: settings.servers.map((server) => ({ ...server, timeout: 60 })) };
    const scene = await Scene.open({ ...others, radius: slow });
    scene.ask('alice', 'alice-pass');
    await vi.advanceTimersByTimeAsync(19_999);
    expect(scene.verdicts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(scene.verdicts).toMatchObject([{ verdict: { ok: false } }]);
    expect(scene.reasons()).toEqual(['serversUnavailable']);
  });

  test('nobody who has hung up: that is written down once', async () => {
    const silent = await serve({ answer: () => undefined });
    const scene = await Scene.open(radius([silent], { accounting: { enabled: false } }));
    const session = scene.ask('alice', 'alice-pass');
    const end = { code: 'peerLost', detail: 'PPP lowerDown', ppp: 'lowerDown' } as const;
    scene.authority.perform({
      kind: 'fact',
      fact: { fact: 'attemptEnded', about: scene.about(session), user: 'alice', end },
    });
    expect(scene.recorded('authenticationFailed')).toMatchObject([
      { user: 'alice', phase: 'userAuthentication', reason: 'timeout' },
    ]);
    await scene.stop();
    expect(scene.verdicts).toEqual([]);
  });
});

describe('RADIUS keeps accounts', () => {
  test('from the start to the end, of every session whoever judged its user', async () => {
    holdTime();
    const server = new MemoryServer({ alice: 'alice-pass' }, alice);
    const scene = await Scene.open(radius([await serve(server)], {}, ['local', 'radius']), [{ name: 'ada' }]);
    const first = await scene.online('alice', '10.91.37.77');
    const second = await scene.online('ada', '10.91.37.9');
    const entries = () => accounting(server).map(({ acctStatusType, userName }) => [acctStatusType, userName]);
    await scene.until('both began', () => entries().length === 3);
    expect(entries()).toEqual([
      [7, undefined],
      [1, 'alice'],
      [1, 'ada'],
    ]);

    scene.authority.counted(new Map([[first, counted(5_000_000_000n, 41n)]]));
    await passTime(60_000);
    await scene.until('an interim record', () => entries().length === 4);
    scene.end(first, 'alice', 'idleTimeout');
    await scene.until('one ended', () => entries().length === 5);
    scene.end(second, 'ada', 'userRequest', { address: '10.91.37.9', totals: undefined });
    await scene.until('both ended', () => entries().length === 6);
    await scene.stop();
    expect(entries().slice(3)).toEqual([
      [3, 'alice'],
      [2, 'alice'],
      [2, 'ada'],
      [8, undefined],
    ]);

    const [, start, , interim, stop, local] = accounting(server);
    const id = start?.acctSessionId;
    expect(start).toMatchObject({
      framedIpAddress: '10.91.37.77',
      class: [latin1('c-alice')],
      callingStationId: home,
      acctAuthentic: 1,
    });
    expect(interim).toMatchObject({
      acctSessionId: id,
      acctInputOctets: 705_032_704,
      acctInputGigawords: 1,
      acctInputPackets: 41,
      acctSessionTime: 60,
    });
    expect(stop).toMatchObject({
      acctSessionId: id,
      acctTerminateCause: 4,
      acctSessionTime: 61,
      acctInputGigawords: 1,
      acctOutputOctets: 99,
    });
    expect(local).toMatchObject({ acctTerminateCause: 1, acctAuthentic: 2, acctInputOctets: 0 });
    expect(local?.acctSessionId).not.toBe(id);
    const asked = server.requests.find(({ packet }) => packet.code === codes.accessRequest);
    expect(asked?.values.acctSessionId).toBe(id);
  });

  test('and a record waits for a server that is away, and finds the next one', async () => {
    holdTime();
    const books = new MemoryServer();
    let isAway = true;
    const gone = await serve({ answer: () => undefined });
    const back = await serve({ answer: (bytes) => (isAway ? undefined : books.answer(bytes)) });
    const scene = await Scene.open(radius([gone, back], {}, ['local']), [{ name: 'ada' }]);
    const session = await scene.online('ada', '10.91.37.9');
    scene.end(session, 'ada', 'peerLost');
    await passTime(30_000);
    expect(accounting(books)).toEqual([]);
    isAway = false;
    await passTime(30_000);
    await scene.until('all three', () => accounting(books).length === 3);
    expect(accounting(books).map(({ acctStatusType }) => acctStatusType)).toEqual([7, 1, 2]);
    expect(accounting(books).at(-1)).toMatchObject({ acctTerminateCause: 2 });
  });

  test('of a user by the name that the server prefers', async () => {
    const server = new MemoryServer({ alice: 'alice-pass' }, { userName: 'Alice Liddell' });
    const scene = await Scene.open(radius([await serve(server)]));
    const session = await scene.online('alice', '10.91.37.9');
    scene.end(session, 'alice', 'userRequest');
    await scene.stop();
    expect(accounting(server).map(({ userName }) => userName)).toEqual([
      undefined,
      'Alice Liddell',
      'Alice Liddell',
      undefined,
    ]);
    expect(scene.recorded('sessionStopped')).toMatchObject([{ user: 'alice' }]);
  });

  test('under another name for each run', async () => {
    const server = new MemoryServer();
    const members = radius([await serve(server)], {}, ['local']);
    for (let run = 0; run < 2; run++) {
      const scene = await Scene.open(members, [{ name: 'ada' }]);
      await scene.online('ada', '10.91.37.9');
      await scene.stop();
    }
    const ids = accounting(server).flatMap(({ acctSessionId }) => acctSessionId ?? []);
    expect(new Set(ids).size).toBe(2);
  });

  test('from the reload on that asks for it, and no longer than the one that does not', async () => {
    const [before, after] = [new MemoryServer(), new MemoryServer()];
    const scene = await Scene.open({}, [{ name: 'ada' }]);
    await scene.online('ada', '10.91.37.9');
    const change = { how: 'reloaded', sessionsEnded: 0 } as const;
    const turn = async (members: object) => {
      expect(await scene.authority.reconfigure(scene.ground(members), change)).toEqual({ ok: true, value: undefined });
    };
    const kinds = (server: MemoryServer) => accounting(server).map(({ acctStatusType }) => acctStatusType);
    await turn(radius([await serve(before)], {}, ['local']));
    await scene.until('on, start', () => kinds(before).length === 2);
    await turn(radius([await serve(after)], {}, ['local']));
    await turn({});
    await scene.until('off', () => kinds(after).length === 1);
    expect([kinds(before), kinds(after)]).toEqual([[7, 1], [8]]);
    expect(scene.recorded('configurationChanged').map(({ members }) => members)).toEqual([
      [],
      ['authentication.methods', 'authentication.timeout', 'groups.staff', 'groups.guests', 'radius'],
      ['radius.servers'],
      ['authentication.methods', 'authentication.timeout', 'groups.staff', 'groups.guests', 'radius'],
    ]);
  });
});
