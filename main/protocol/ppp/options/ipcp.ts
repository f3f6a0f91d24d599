import { sameBytes } from '../../wire/bytes.ts';
import { addressText } from '../../wire/address.ts';
import { anyAddress, ipv4Bytes, isHostAddress } from '../address.ts';
import type { OptionRule, OptionVerdict } from '../option.ts';
import type { ClientConfig, HostConfig } from '../types.ts';

/** RFC 1332 §3.3, RFC 1877. Van Jacobson compression (2) and the withdrawn IP-Addresses (1) are rejected. */
export const ipcpOptions = {
  address: 3,
  primaryDns: 129,
  primaryWins: 130,
  secondaryDns: 131,
  secondaryWins: 132,
} as const;

type ServerOption = Exclude<keyof typeof ipcpOptions, 'address'>;

/** What we ask for, dotted; `undefined` is not asked for. The host has only its address. */
export type IpcpWishes = Readonly<Record<keyof typeof ipcpOptions, string | undefined>>;

const serverOptions = Object.keys(ipcpOptions).filter((name) => name !== 'address') as readonly ServerOption[];

export function clientWishes(config: ClientConfig): IpcpWishes {
  const dns = config.requestDns ? anyAddress : undefined;
  const wins = config.requestWins ? anyAddress : undefined;
  return {
    address: config.requestAddress ?? anyAddress,
    primaryDns: dns,
    primaryWins: wins,
    secondaryDns: dns,
    secondaryWins: wins,
  };
}

export function hostWishes(config: HostConfig): IpcpWishes {
  return {
    address: config.localAddress,
    primaryDns: undefined,
    primaryWins: undefined,
    secondaryDns: undefined,
    secondaryWins: undefined,
  };
}

/** The servers that the host named, each once. */
export function namedServers(wishes: IpcpWishes, kind: 'dns' | 'wins'): readonly string[] {
  const named = kind === 'dns' ? [wishes.primaryDns, wishes.secondaryDns] : [wishes.primaryWins, wishes.secondaryWins];
  return [...new Set(named.filter((server) => server !== undefined && isHostAddress(ipv4Bytes(server))))] as string[];
}

export const clientIpcpRules: readonly OptionRule<IpcpWishes>[] = [
  {
    type: ipcpOptions.address,
    ask: ({ address }) => (address === undefined ? undefined : ipv4Bytes(address)),
    judge: (asked) => (isHostAddress(asked) ? 'ack' : 'reject'),
    // A gateway whose pool is empty suggests 0.0.0.0 (pppd) or rejects the option (SoftEther).
    nakked: (wishes, suggestion) =>
      isHostAddress(suggestion) ? { ...wishes, address: addressText(suggestion) } : 'impossible',
    rejected: () => 'impossible',
  },
  ...serverOptions.map((name): OptionRule<IpcpWishes> => {
    const without = (wishes: IpcpWishes): IpcpWishes => ({ ...wishes, [name]: undefined });
    return {
      type: ipcpOptions[name],
      ask: (wishes) => (wishes[name] === undefined ? undefined : ipv4Bytes(wishes[name])),
      judge: () => 'reject',
      nakked: (wishes, suggestion) =>
        isHostAddress(suggestion) ? { ...wishes, [name]: addressText(suggestion) } : without(wishes),
      rejected: without,
    };
  }),
];

export function hostIpcpRules(config: HostConfig, assigned: string): readonly OptionRule<IpcpWishes>[] {
  // One server answers both questions: a Reject of the second would cost the peer a round trip.
  const servers: Readonly<Record<ServerOption, string | undefined>> = {
    primaryDns: config.dns[0],
    primaryWins: config.wins[0],
    secondaryDns: config.dns[1] ?? config.dns[0],
    secondaryWins: config.wins[1] ?? config.wins[0],
  };
  return [
    {
      type: ipcpOptions.address,
      ask: ({ address }) => (address === undefined ? undefined : ipv4Bytes(address)),
      judge: (asked) => grantOnly(assigned, asked),
      // Our own address is not the peer's to choose.
      nakked: (wishes) => ({ ...wishes, address: undefined }),
      rejected: (wishes) => ({ ...wishes, address: undefined }),
      demand: () => ipv4Bytes(assigned),
    },
    ...serverOptions.map((name): OptionRule<IpcpWishes> => ({
      type: ipcpOptions[name],
      ask: () => undefined,
      judge: (asked) => (servers[name] === undefined ? 'reject' : grantOnly(servers[name], asked)),
      nakked: (wishes) => wishes,
      rejected: (wishes) => wishes,
    })),
  ];
}

function grantOnly(address: string, asked: Uint8Array): OptionVerdict {
  const right = ipv4Bytes(address);
  return sameBytes(right, asked) ? 'ack' : { nak: right };
}
