import { randomBytes } from 'node:crypto';
import { type EspSuite, cipherKeyBytes, integrityKeyBytes } from '../../../main/protocol/ipsec/index.ts';
import { type ConnectedHelper, helperGone, helperWithClient } from '../../e2e/helper-client.ts';
import { isAlive } from '../../support/helper-processes.ts';
import { createPair, type Pair } from '../../support/namespaces.ts';
import { farAddress, inPair, lastLines, nearAddress, type System, type SystemKind, tunnelMtuBytes } from '../system.ts';

interface CulvertOptions {
  readonly name: string;
  readonly title: string;
  readonly kind: SystemKind;
  readonly suite: EspSuite;
  readonly sessions: number;
  /** `libcrypto`: without the faster library that the helper would choose. */
  readonly cipher?: 'libcrypto';
}

export const gcm: EspSuite = { cipher: 'aes-gcm-16', keyBits: 256, integrity: 'none' };
export const cbcSha1: EspSuite = { cipher: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha1-96' };

const nattPort = 4500;
const l2tpPort = 1701;
const users = '10.8.0.0/16';
const replayWindowPackets = 4096;
/** Requests under way at once: enough that the helper never waits for this side. */
const requestsAtOnce = 200;

/** The inner address of a session's user, 10.8.0.2 and so on. */
function userAddress(session: number): string {
  const host = session + 1;
  return `10.8.${host >> 8}.${host & 0xff}`;
}

/** One end of a session as the control plane would install it after IKE, L2TP and PPP. */
interface SessionEnd {
  readonly helper: ConnectedHelper;
  readonly remoteAddress: string;
  readonly inboundSpi: number;
  readonly outboundSpi: number;
  readonly inboundKeys: Uint8Array;
  readonly outboundKeys: Uint8Array;
}

async function installSession(session: number, suite: EspSuite, end: SessionEnd): Promise<void> {
  const { datapath } = end.helper.client;
  const keys = {
    cipher: suite.cipher,
    integrity: suite.integrity,
    cipherKeyBytes: cipherKeyBytes(suite),
    integrityKeyBytes: integrityKeyBytes(suite),
  };
  await Promise.all([
    datapath.request({
      kind: 'setPath',
      path: session,
      socket: 'natt',
      remote: { address: end.remoteAddress, port: nattPort },
      localL2tpPort: l2tpPort,
      remoteL2tpPort: l2tpPort,
    }),
    datapath.request(
      {
        kind: 'installSa',
        path: session,
        inbound: { spi: end.inboundSpi, ...keys },
        outbound: { spi: end.outboundSpi, ...keys },
        replayWindowPackets,
      },
      Buffer.concat([end.inboundKeys, end.outboundKeys]),
    ),
    datapath.request({ kind: 'useSa', path: session, outboundSpi: end.outboundSpi }),
    datapath.request({
      kind: 'setSession',
      session,
      path: session,
      localTunnelId: session,
      localSessionId: 1,
      remoteTunnelId: session,
      remoteSessionId: 1,
      sequencing: false,
      compressProtocol: false,
      compressAddressControl: false,
      prefixes: [`${userAddress(session)}/32`],
      mtuBytes: tunnelMtuBytes,
    }),
  ]);
}

async function installMirrored(
  session: number,
  suite: EspSuite,
  ends: readonly [ConnectedHelper, ConnectedHelper],
  pair: Pair,
): Promise<void> {
  const [near, far] = ends;
  const keyBytes = cipherKeyBytes(suite) + integrityKeyBytes(suite);
  const [toNear, toFar] = [randomBytes(keyBytes), randomBytes(keyBytes)];
  const [nearSpi, farSpi] = [0x1000_0000 + session, 0x2000_0000 + session];
  await Promise.all([
    installSession(session, suite, {
      helper: near,
      remoteAddress: pair.far.address,
      ...{ inboundSpi: nearSpi, inboundKeys: toNear, outboundSpi: farSpi, outboundKeys: toFar },
    }),
    installSession(session, suite, {
      helper: far,
      remoteAddress: pair.near.address,
      ...{ inboundSpi: farSpi, inboundKeys: toFar, outboundSpi: nearSpi, outboundKeys: toNear },
    }),
  ]);
}

async function installSessions(options: CulvertOptions, ends: readonly [ConnectedHelper, ConnectedHelper], pair: Pair) {
  for (let first = 1; first <= options.sessions; first += requestsAtOnce) {
    const count = Math.min(requestsAtOnce, options.sessions - first + 1);
    await Promise.all(
      Array.from({ length: count }, (_, index) => installMirrored(first + index, options.suite, ends, pair)),
    );
  }
}

async function openNear({ client }: ConnectedHelper, pair: Pair): Promise<void> {
  const remote = { address: pair.far.address, port: nattPort };
  await client.broker.request({ kind: 'openSocket', socket: 'natt', localPort: nattPort, remote });
  await client.broker.request({
    kind: 'applyPlan',
    plan: {
      tunnel: { name: 'culvert0', mtuBytes: tunnelMtuBytes, addresses: [{ local: `${nearAddress}/32` }] },
      routes: [{ to: `${farAddress}/32`, via: 'tunnel' }],
    },
  });
  // Every user of the sessions lives on this one machine.
  await pair.near.exec(['ip', 'route', 'add', 'local', users, 'dev', 'lo']);
}

async function openFar({ client }: ConnectedHelper): Promise<void> {
  await client.broker.request({ kind: 'openSocket', socket: 'natt', localPort: nattPort });
  await client.broker.request({
    kind: 'applyPlan',
    plan: {
      tunnel: { name: 'culvert0', mtuBytes: tunnelMtuBytes, addresses: [{ local: `${farAddress}/32` }] },
      routes: [{ to: users, via: 'tunnel' }],
    },
  });
}

function diagnose({ running, processes }: ConnectedHelper, index: number): string {
  const ended = (['warden', 'broker', 'datapath'] as const)
    .filter((role) => !isAlive(processes[role]))
    .map((role) => `the ${role} of the ${index === 0 ? 'near' : 'far'} helper has ended`);
  return [...ended, lastLines(running.stderr())].join('\n').trim();
}

/** Culvert's data path at both ends, driven as its control plane drives it, with keys as if IKE had agreed on them. */
function culvert(options: CulvertOptions): System {
  const start = async () => {
    const flags = options.cipher === undefined ? [] : ['--cipher', options.cipher];
    const pair = await createPair();
    return inPair(pair, async () => {
      const near = await helperWithClient(pair.near, flags);
      const far = await helperWithClient(pair.far, flags);
      const ends = [near, far] as const;
      await openNear(near, pair);
      await openFar(far);
      await installSessions(options, ends, pair);
      return {
        near: { machine: pair.near, address: nearAddress },
        far: { machine: pair.far, address: farAddress },
        sources: Array.from({ length: options.sessions }, (_, index) => userAddress(index + 1)),
        diagnosis: () => ends.map(diagnose).join('\n'),
        stop: async () => {
          for (const { client } of ends) client.close();
          await Promise.all(ends.map(helperGone));
          await pair.remove();
        },
      };
    });
  };
  return { name: options.name, title: options.title, kind: options.kind, start };
}

const one = { kind: 'culvert', sessions: 1 } as const;

export const culverts: readonly System[] = [
  culvert({ ...one, name: 'gcm', title: 'Culvert, AES-256-GCM', suite: gcm }),
  culvert({ ...one, name: 'gcm_libcrypto', title: 'Culvert, AES-256-GCM, libcrypto', suite: gcm, cipher: 'libcrypto' }),
  culvert({ ...one, name: 'cbcsha1', title: 'Culvert, AES-256-CBC + SHA1', suite: cbcSha1 }),
  culvert({
    ...one,
    name: 'cbcsha1_libcrypto',
    title: 'Culvert, AES-256-CBC + SHA1, libcrypto',
    suite: cbcSha1,
    cipher: 'libcrypto',
  }),
];

export const sessionCounts = [1, 100, 1000, 10_000] as const;

export const culvertsWithSessions: readonly System[] = sessionCounts.map((sessions) =>
  culvert({
    name: `sessions${sessions}`,
    title: `Culvert, GCM, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`,
    kind: 'sessions',
    suite: gcm,
    sessions,
  }),
);
