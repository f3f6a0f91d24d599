import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { Endpoint, IkePort } from '../../../main/protocol/ike/index.ts';
import { writeControl } from '../../../main/protocol/l2tp/header.ts';
import { writeBody } from '../../../main/protocol/l2tp/messages.ts';
import { concat } from '../../../main/protocol/wire/bytes.ts';
import { forgeries } from '../../protocol/ike/stranger.ts';
import type { Clients } from '../client/dialling.ts';
import { standardPorts } from '../client/sockets.ts';
import { writeEcho } from '../datapath/echo.ts';
import { connectInsiders, type Insider, type Insiders, type Sent } from './insiders.ts';
import type { CallOutcome } from './side-call.ts';
import { dialHalfway, type Flooded, pourGarbage, sendFrom } from './strangers.ts';

/** What is done to a host, by name. Each attack ends by itself, and gives the facts that it found, all of them counts. */

export interface Stage {
  readonly clients: Clients;
  /** Addresses of this machine to do it from, that are no client's. */
  readonly strangers: readonly string[];
  readonly crypto: CryptoPort;
  /** How much of it: messages, calls, tries; a second where it is a flood. */
  readonly count: number;
  readonly seconds: number;
  /** It is under way. */
  readonly begun: () => void;
}

export type Facts = Readonly<Record<string, number>>;
type Attack = (stage: Stage) => Promise<Facts>;

function gatewayOf({ gateway, ports = standardPorts }: Clients, socket: IkePort): Endpoint {
  return { address: gateway, port: ports[socket] };
}

function flood(pour: (stage: Stage, of: Parameters<typeof pourGarbage>[0]) => Promise<Flooded>): Attack {
  return async (stage) => {
    const gateway = gatewayOf(stage.clients, 'ike');
    stage.begun();
    const poured = await pour(stage, {
      gateway,
      from: stage.strangers,
      perSecond: stage.count,
      seconds: stage.seconds,
    });
    return { ...poured };
  };
}

type AttackUpon = (stage: Stage, first: Insider, second: Insider, insiders: Insiders) => Promise<Facts>;

/** With clients that are online, of whom the first is the one whom it befalls. */
function upon(attack: AttackUpon, clients = 2): Attack {
  return async (stage) => {
    const insiders = await connectInsiders(stage.clients, clients, stage.crypto);
    const [first, second] = insiders.all;
    if (first === undefined || second === undefined) throw new RangeError('two are needed');
    stage.begun();
    const facts = await attack(stage, first, second, insiders);
    const answering = await insiders.answering();
    await insiders.hangUp();
    return { ...facts, answering };
  };
}

const nonEspMarker = new Uint8Array(4);

/** IKE messages alone, as they were before the marker. */
function ikeMessages(sent: readonly Sent[]): readonly Uint8Array[] {
  return sent.flatMap(({ socket, datagram }) => {
    if (socket === 'ike') return [datagram];
    return datagram.length > 4 && datagram.subarray(0, 4).every((byte) => byte === 0) ? [datagram.subarray(4)] : [];
  });
}

/** From the very sockets that a client has, and from elsewhere. */
async function sendInItsName({ clients, strangers }: Stage, { member }: Insider, datagrams: readonly Uint8Array[]) {
  for (const datagram of datagrams) member.client.send('natt', datagram);
  await sendFrom(strangers[0] ?? '', gatewayOf(clients, 'natt'), datagrams);
}

function count(outcomes: readonly CallOutcome[]): Facts {
  const facts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = outcome.at === 'online' ? 'online' : `${outcome.at} ${outcome.code}`;
    facts[name] = (facts[name] ?? 0) + 1;
  }
  return facts;
}

const guessers = 8;
/** A peer may have four tunnels, and one is its own. */
const sideTunnels = 3;

export const attacks = {
  firstMessages: flood(({ crypto }, of) => dialHalfway(of, crypto, false)),
  halfOpen: flood(({ crypto }, of) => dialHalfway(of, crypto, true)),
  garbage: flood(({ crypto }, of) => pourGarbage(of, crypto)),

  forgedDeletes: upon(async (stage, first) => {
    const forged = ikeMessages(first.sent).flatMap((message) => forgeries(message, stage.crypto));
    await sendInItsName(
      stage,
      first,
      forged.map((message) => concat(nonEspMarker, message)),
    );
    return { forged: forged.length };
  }),

  replays: upon(async (stage, first, _second, insiders) => {
    await insiders.answering();
    const before = first.member.replies;
    const again = first.sent.map(({ datagram }) => datagram);
    await sendInItsName(stage, first, again);
    await sendInItsName(
      stage,
      first,
      again.map((datagram) => concat(nonEspMarker, datagram)),
    );
    const answering = await insiders.answering();
    // One for the echo that was asked for since; any other is a packet that the host took twice.
    return { replayed: again.length, answersToReplays: first.member.replies - before - answering / 2 };
  }),

  /** As the source of packets, and as what a link asks for. */
  anothersAddress: upon(async ({ clients, count: times }, first, second, insiders) => {
    await insiders.answering();
    const before = first.member.replies;
    const to = first.member.connection?.remoteAddress ?? '';
    for (let sequence = 1; sequence <= times; sequence++) {
      const packet = writeEcho({ kind: 'request', from: first.address, to, identifier: 0xbad, sequence });
      second.member.client.sendPacket(packet);
    }
    const credentials = { userName: `${clients.user}2`, password: clients.password };
    const outcome = await second.call({ credentials, requestAddress: first.address });
    const got = outcome.at === 'online' && outcome.address === first.address ? 1 : 0;
    await insiders.answering();
    return { gotTheAddress: got, strayAnswers: first.member.replies - before - 1 };
  }),

  /** Control connections without end, and noise for those that are there, inside the SA. */
  tunnels: upon(({ count: times, crypto }, _first, second) => {
    for (let i = 1; i <= times; i++) {
      const body = writeBody('SCCRQ', { hostName: 'flood', framingCapabilities: 3, assignedTunnelId: i }, undefined);
      const sccrq = writeControl({ tunnelId: 0, sessionId: 0, ns: 0, nr: 0 }, body);
      const noise = writeControl({ tunnelId: i, sessionId: i, ns: i & 0xff, nr: 0 }, crypto.random(i % 40));
      for (const bytes of [sccrq, noise]) second.member.client.datapath.command({ kind: 'sendL2tp', path: 1 }, bytes);
    }
    return Promise.resolve({ sent: 2 * times });
  }),

  /** The line to the host is a mirror. */
  loops: upon(async ({ clients, count: times }, _first, second) => {
    const credentials = { userName: `${clients.user}2`, password: clients.password };
    const outcomes: CallOutcome[] = [];
    for (let i = 0; i < times; i++) outcomes.push(await second.call({ credentials, mirror: true }));
    return count(outcomes);
  }),

  /** For a user who is none of the clients, in calls beside theirs. */
  wrongPasswords: upon(async ({ clients, count: times }, _first, _second, { all }) => {
    const outcomes: CallOutcome[] = [];
    let begun = 0;
    const guess = async (insider: Insider): Promise<void> => {
      while (begun < times) {
        begun += 1;
        const credentials = { userName: `${clients.user}9`, password: `guess ${begun}` };
        outcomes.push(await insider.call({ credentials }));
      }
    };
    await Promise.all(all.flatMap((insider) => Array.from({ length: sideTunnels }, () => guess(insider))));
    return { tries: begun, ...count(outcomes) };
  }, guessers),
} as const satisfies Readonly<Record<string, Attack>>;

export type AttackName = keyof typeof attacks;
