import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { IkePort } from '../../../main/protocol/ike/index.ts';
import { diallers, type Clients } from '../client/dialling.ts';
import { Fleet, type Member } from '../client/fleet.ts';
import { type CallOptions, type CallOutcome, SideCall } from './side-call.ts';

const settleMs = 30_000;
const echoMs = 10_000;
const mostNumbers = 60_000;

/** What a client sent, by the socket that it sent it from. */
export interface Sent {
  readonly socket: IkePort;
  readonly datagram: Uint8Array;
}

/** A client that is online and behaves, of whom everything is known; and whatever else is done in its name. */
export interface Insider {
  readonly member: Member;
  readonly address: string;
  /** Everything that it sent so far. */
  readonly sent: readonly Sent[];
  /** Places a call beside its own, in a tunnel beside its own; over when this resolves. */
  call(options: CallOptions): Promise<CallOutcome>;
}

export interface Insiders {
  readonly all: readonly Insider[];
  /** How many of them still pass a packet. */
  answering(): Promise<number>;
  hangUp(): Promise<void>;
}

/** @throws Error where not all of them come online */
export async function connectInsiders(clients: Clients, count: number, crypto: CryptoPort): Promise<Insiders> {
  const sent = Array.from({ length: count }, (): Sent[] => []);
  const calls = Array.from({ length: count }, () => new Set<SideCall>());
  let placed = 0;
  const fleet = new Fleet({
    client: await diallers(clients),
    watch: (index) => ({
      sending: (socket, datagram) => sent[index]?.push({ socket, datagram }),
      hearing: (event, attachment) => ![...(calls[index] ?? [])].some((call) => call.takes(event, attachment)),
    }),
  });
  await fleet.dial(count, 10);
  const online = await fleet.settled(settleMs);
  if (online.length < count) throw new Error(JSON.stringify(fleet.members.map(({ ended }) => ended)));
  let round = 1;
  return {
    all: online.map((member) => ({
      member,
      address: member.connection?.localAddress ?? '',
      sent: sent[member.index] ?? [],
      call: async (options) => {
        placed = (placed % mostNumbers) + 1;
        const call = new SideCall(member.client, crypto, placed, options);
        calls[member.index]?.add(call);
        const outcome = await call.outcome;
        call.close();
        calls[member.index]?.delete(call);
        return outcome;
      },
    })),
    answering: () => fleet.echoAll((round += 1), echoMs),
    hangUp: () => fleet.hangUp(100, settleMs),
  };
}
