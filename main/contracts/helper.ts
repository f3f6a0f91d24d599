import { z } from 'zod';

/**
 * What the control plane and the native helper say to each other. Two unix stream sockets in the helper's runtime folder,
 * one for each of its processes: `broker.sock` and `datapath.sock`. Either side of both frames a message as
 *
 *     u32 length of all that follows (big-endian) | u32 length of the JSON | JSON (UTF-8) | attachment
 *
 * The attachment carries what must not become a string: keys, and raw packets. A frame is at most `maxFrameBytes`.
 * Every request carries an `id` and is answered by exactly one `ok` or `error` with that id, in order. Events have no id.
 * Both sides refuse unknown kinds and unknown members, and close the connection: they are always of one release.
 * `test/vectors/helper-messages.json` holds examples of each message which both languages must read and write alike.
 */
export const helperProtocolVersion = 1;
export const maxFrameBytes = 256 * 1024;
/** The most sessions in one answer, and of one path. */
const statisticsSessions = 1000;

const id = z.int().min(0).max(0xffff_ffff);
const port = z.int().min(0).max(65535);
const spi = z.int().min(256).max(0xffff_ffff);
const u16 = z.int().min(0).max(0xffff);
const pathId = z.int().min(1).max(0xffff_ffff);
const sessionId = z.int().min(1).max(0xffff_ffff);
/** A 64-bit counter: JSON numbers end at 2^53. */
const counter = z.string().regex(/^\d{1,20}$/);
const address = z.union([z.ipv4(), z.ipv6()]);
const prefix = z.union([z.cidrv4(), z.cidrv6()]);
const domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i);

/**
 * Which of this machine's addresses the peer knows, where a socket has several. In an event, the one that was asked; in a request
 * or a command, the one that is sent from (absent: as the machine routes).
 */
const local = address.optional();

/** `ike` carries bare IKE (port 500); `natt` carries IKE behind the non-ESP marker, ESP, and keepalives (RFC 3948). */
const socketName = z.enum(['ike', 'natt']);

// ── Broker: the network plan ──────────────────────────────────────────────────────────────────────────────────────────

export const route = z.strictObject({
  to: prefix,
  /**
   * `tunnel`: into the TUN device. `underlay`: as the machine routed it before the plan (pins the gateway).
   * `unreachable`: into nothing, and who sends there is told so (a pool's addresses that no session has; a branch that
   * is away, with a metric above 1024, so that its session's route wins).
   */
  via: z.enum(['tunnel', 'underlay', 'unreachable']),
  metric: z.int().min(0).max(0xffff_ffff).optional(),
});

const groupId = z.int().min(1).max(0xffff);
const networkPort = z.int().min(1).max(65535);

const reachRule = z
  .strictObject({
    network: prefix,
    protocol: z.enum(['any', 'tcp', 'udp', 'icmp']),
    /** With `tcp` or `udp`; absent: every port. */
    ports: z
      .array(
        z
          .strictObject({ first: networkPort, last: networkPort })
          .refine(({ first, last }) => first <= last, 'the first port is the lower one'),
      )
      .min(1)
      .max(64)
      .optional(),
  })
  .refine(({ protocol, ports }) => ports === undefined || protocol === 'tcp' || protocol === 'udp', 'ports of none');

/**
 * What the sessions of a group may do. Each packet of the direction that opens a connection is judged, so a change holds
 * for open ones too; answers pass.
 */
const sessionGroup = z.strictObject({
  group: groupId,
  /** Where they may send, this machine included. Absent: everywhere. Empty: nowhere. */
  reach: z.array(reachRule).max(4096).optional(),
  /** They and other sessions do not reach each other. */
  isolated: z.boolean(),
  /** Others may open connections to them, and to the networks behind them. */
  incoming: z.boolean(),
});

/**
 * The machine forwards between the tunnel, where the sessions are, and its other networks. What the tunnel brings passes
 * only if its source belongs to a session (`setSessionPolicy`), as its group allows; what has such a source and comes
 * from elsewhere is dropped.
 */
const gateway = z.strictObject({
  /** Which families are forwarded. Where the machine did not do so before, it does for the tunnel alone. */
  ipv4: z.boolean(),
  ipv6: z.boolean(),
  /** What comes from these networks leaves with the machine's own address, except into the tunnel. */
  masquerade: z.array(prefix).max(256),
  /**
   * Sessions' addresses within these networks are answered for (proxy ARP, proxy NDP). `device` absent: the one whose
   * network it is, or is a part of.
   */
  neighbours: z
    .array(
      z.strictObject({
        network: prefix,
        device: z
          .string()
          .regex(/^[a-z0-9][a-z0-9._:@-]{0,14}$/i)
          .optional(),
      }),
    )
    .max(64),
  groups: z.array(sessionGroup).max(1024),
});

/** The whole desired state of the machine's network, idempotent; an empty plan restores the machine. */
export const networkPlan = z.strictObject({
  /** Absent: no TUN device. Its name is a wish; `applyPlan`'s answer says what it became. */
  tunnel: z
    .strictObject({
      name: z.string().regex(/^[a-z0-9-]{1,15}$/),
      mtuBytes: z.int().min(576).max(65535),
      addresses: z.array(z.strictObject({ local: prefix, peer: address.optional() })).max(16),
    })
    .optional(),
  routes: z.array(route).max(4096),
  /** `domains` empty: every name is asked at `servers`; otherwise only names below these (split DNS). */
  dns: z
    .strictObject({
      servers: z.array(address).min(1).max(8),
      searchDomains: z.array(domain).max(32),
      domains: z.array(domain).max(256),
    })
    .optional(),
  /** Drops what would leave beside the tunnel, but for loopback, the listed remote endpoints, DHCP, ND and a router's "too big". */
  killSwitch: z.strictObject({ allow: z.array(address).max(32) }).optional(),
  /** Host mode. Needs a tunnel. */
  gateway: gateway.optional(),
});

/** Bytes of inner IP packets in a second. */
const bytesPerSecond = z.int().min(1000).max(100_000_000_000);

export const brokerRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), id, version: z.int() }),
  /**
   * Opens a UDP socket and hands it to the datapath. With `remote` it is connected; `localPort` 0 is an ephemeral port.
   * A second request for the same name replaces the socket (roaming, failover).
   */
  z.strictObject({
    kind: z.literal('openSocket'),
    id,
    socket: socketName,
    localAddress: address.optional(),
    localPort: port,
    remote: z.strictObject({ address, port }).optional(),
  }),
  z.strictObject({ kind: z.literal('applyPlan'), id, plan: networkPlan }),
  /**
   * What holds for one session of the plan's gateway, until it is removed, or the plan has no gateway or no tunnel any
   * more. A second request for a session replaces the first in one step. The cost does not grow with the number of
   * sessions.
   */
  z.strictObject({
    kind: z.literal('setSessionPolicy'),
    id,
    session: sessionId,
    /** One of the plan's. */
    group: groupId,
    /**
     * The session's own addresses (`10.9.0.7/32`, `2001:db8:0:7::/64`) and the networks behind it: routed into the tunnel,
     * and allowed as sources. Each belongs to one session; one within another's is the inner one's.
     */
    prefixes: z.array(prefix).min(1).max(272),
    /** From and to each of the prefixes. Absent: no limit. */
    upBytesPerSecond: bytesPerSecond.optional(),
    downBytesPerSecond: bytesPerSecond.optional(),
  }),
  /** Nothing if there is none. */
  z.strictObject({ kind: z.literal('removeSessionPolicy'), id, session: sessionId }),
]);

// ── Datapath: security associations, sessions, frames ─────────────────────────────────────────────────────────────────

export const espCipher = z.enum(['aes-gcm-16', 'aes-cbc', '3des-cbc']);
export const espIntegrity = z.enum([
  'none', // the cipher authenticates
  'hmac-md5-96',
  'hmac-sha1-96',
  'hmac-sha256-128',
  'hmac-sha384-192',
  'hmac-sha512-256',
]);

/** Cipher keys: AES-GCM 16 or 32 bytes followed by its 4-byte salt (RFC 4106 §8.1); AES-CBC 16, 24, 32; 3DES 24. */
const securityAssociation = z.strictObject({
  spi,
  cipher: espCipher,
  integrity: espIntegrity,
  /** How the attachment is cut: first the cipher's key (with salt), then the integrity key. */
  cipherKeyBytes: z.int().min(16).max(36),
  integrityKeyBytes: z.int().min(0).max(64),
});

const headerField = z.enum(['clear', 'copy']);

export const datapathRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), id, version: z.int() }),
  /**
   * A path is one peer's way: the UDP endpoint its ESP goes to and the L2TP ports inside it (RFC 3193). Several paths
   * may have equal endpoints and ports (clients behind one NAT); they are told apart by their SAs' SPIs alone.
   */
  z.strictObject({
    kind: z.literal('setPath'),
    id,
    path: pathId,
    socket: socketName,
    remote: z.strictObject({ address, port }),
    localL2tpPort: port,
    /**
     * 0: where the peer opens its tunnel from, and again where it opens another from elsewhere (an SCCRQ inside the SA; within a
     * tunnel the ports stay, RFC 2661 §8.1). What was learnt holds for as long as the path.
     */
    remoteL2tpPort: port,
    /** Whether outer packets show the DSCP of what they carry (RFC 2983). Absent: cleared. */
    dscp: headerField.optional(),
    /** Outer ECN, towards the peer. `copy` only where it is known to take the marks off (RFC 9601). Absent: cleared. */
    ecn: headerField.optional(),
    /** The path follows its peer to another address, as it does when `remote` changes. */
    local,
  }),
  /** Its SAs and sessions go with it. Answered like `removeSession`. */
  z.strictObject({ kind: z.literal('removePath'), id, path: pathId }),
  /** Installs both directions of an IPsec SA. Attachment: inbound keys, then outbound keys. Receiving starts at once. */
  z.strictObject({
    kind: z.literal('installSa'),
    id,
    path: pathId,
    inbound: securityAssociation,
    outbound: securityAssociation,
    replayWindowPackets: z.int().min(64).max(65536),
    /** Soft: `saLifetime` event. Hard: the SA stops carrying packets. Bytes both ways; absent: no limit by volume. */
    softBytes: counter.optional(),
    hardBytes: counter.optional(),
  }),
  /** Sends the path's packets by the SA with this outbound SPI from now on (make before break). */
  z.strictObject({ kind: z.literal('useSa'), id, path: pathId, outboundSpi: spi }),
  /** Removes both directions of the SA with this inbound SPI, and wipes its keys. */
  z.strictObject({ kind: z.literal('removeSa'), id, path: pathId, inboundSpi: spi }),
  /** An L2TP session (call) whose IP frames the datapath carries by itself; all other frames are punted. */
  z.strictObject({
    kind: z.literal('setSession'),
    id,
    session: sessionId,
    path: pathId,
    localTunnelId: u16,
    localSessionId: u16,
    remoteTunnelId: u16,
    remoteSessionId: u16,
    /** Put Ns/Nr on data packets (RFC 2661 §5.4). */
    sequencing: z.boolean(),
    /** What the peer agreed to receive (RFC 1661 §6.5, §6.6). What we receive may have either form. */
    compressProtocol: z.boolean(),
    compressAddressControl: z.boolean(),
    /**
     * The user's own addresses (`10.9.0.7/32`, `2001:db8:0:7::/64`) and the networks behind it: on a client this machine's, on a
     * host the peer's. What comes out of the tunnel device goes to the session with the longest prefix that it is for, and what
     * a session brings has to be from or for its own. Of several sessions with the same prefix the last to be given it has it; when
     * that goes, the one before. A family without any is not open yet: its packets are reported (`ppp`), none is carried.
     */
    prefixes: z.array(prefix).max(272),
    /** Largest inner IP packet; TCP's MSS is clamped to it both ways. */
    mtuBytes: z.int().min(576).max(65535),
    /**
     * On a host, its own address inside. What the peer asks to be configured by is then reported (`ppp`, the whole frame) and
     * not carried, whatever its source, and nothing else is carried that is not from the peer's own prefixes: DHCP to a server's port by broadcast or to this address; on the link, router
     * solicitations and DHCPv6. The answer is sent by `sendPpp`.
     */
    configuredBy: z.ipv4().optional(),
  }),
  /** The answer has what it carried in all (`removed`): nothing is counted after it. */
  z.strictObject({ kind: z.literal('removeSession'), id, session: sessionId }),
  /**
   * Answered with at most `statisticsSessions` sessions, in the order of their IDs, those above `after` alone; as many as
   * that: ask again, `after` the last. A gateway's would not fit into one frame.
   */
  z.strictObject({ kind: z.literal('statistics'), id, after: sessionId.optional() }),
]);

/** Frames from the control plane to the wire; not answered. Attachment: the frame. */
export const datapathCommand = z.discriminatedUnion('kind', [
  /** An IKE message; the datapath puts the non-ESP marker before it on `natt`. `remote` where the socket is not connected. */
  z.strictObject({
    kind: z.literal('sendIke'),
    socket: socketName,
    remote: z.strictObject({ address, port }),
    local,
  }),
  /** A NAT-keepalive (one byte 0xff, RFC 3948 §2.3), without attachment. */
  z.strictObject({ kind: z.literal('sendKeepalive'), remote: z.strictObject({ address, port }), local }),
  /** An L2TP control message, sealed by the path's current SA. */
  z.strictObject({ kind: z.literal('sendL2tp'), path: pathId }),
  /** A PPP frame from its protocol field on, in full form; the datapath adds address, control and L2TP headers. */
  z.strictObject({ kind: z.literal('sendPpp'), session: sessionId }),
]);

/** Inner IP packets that were carried. */
const sessionsCounted = z
  .array(
    z.strictObject({
      session: sessionId,
      receivedPackets: counter,
      receivedBytes: counter,
      sentPackets: counter,
      sentBytes: counter,
    }),
  )
  .max(statisticsSessions);

/** What both processes answer. */
export const helperReply = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ok'),
    id,
    /** `hello` of the broker: what the last run left behind and was undone now. */
    recovered: z.boolean().optional(),
    /** `openSocket` */
    local: z.strictObject({ address, port }).optional(),
    /** `applyPlan` */
    tunnelName: z.string().optional(),
    /** `statistics` */
    statistics: z
      .strictObject({
        sessions: sessionsCounted,
        /** Packets that were dropped, by literal reason. */
        drops: z.record(z.string(), counter),
      })
      .optional(),
    /** `removeSession`, `removePath`: the sessions that are no more. */
    removed: sessionsCounted.optional(),
  }),
  z.strictObject({
    kind: z.literal('error'),
    id,
    code: z.enum([
      'helper.version', // the two sides are of different releases
      'helper.request', // the message is malformed or impossible now; the text says which rule
      'helper.unknown', // a path, SA or session that does not exist
      'helper.portBusy', // the text names the holder where it can be found
      'helper.permission', // TUN or NET_ADMIN is missing
      'helper.unreachable', // no route to the remote address
      'helper.route', // a route could not be installed; the text names it
      'helper.address',
      'helper.dns',
      'helper.firewall',
      'helper.system', // any other call that failed; the text names it and the system's reason
    ]),
    message: z.string().max(1000),
  }),
]);

/** What the datapath reports by itself. */
export const datapathEvent = z.discriminatedUnion('kind', [
  /** Attachment: the message, without the non-ESP marker. */
  z.strictObject({
    kind: z.literal('ike'),
    socket: socketName,
    remote: z.strictObject({ address, port }),
    local,
  }),
  /** Attachment: an L2TP control message that arrived inside the path's SA. */
  z.strictObject({ kind: z.literal('l2tp'), path: pathId }),
  /** Attachment: a PPP frame from its protocol field on, in full form. */
  z.strictObject({ kind: z.literal('ppp'), session: sessionId }),
  z.strictObject({
    kind: z.literal('saLifetime'),
    path: pathId,
    inboundSpi: spi,
    /** `sequence`: three quarters of the sequence numbers are used; at their end the SA falls silent (RFC 4303 §3.3.3). */
    reason: z.enum(['softBytes', 'hardBytes', 'sequence']),
  }),
  /** The first valid packet on a new inbound SA: the peer uses it, the old one may go. */
  z.strictObject({ kind: z.literal('saUsed'), path: pathId, inboundSpi: spi }),
  /** A valid ESP packet came from another endpoint than the path's (the peer's NAT moved); the path follows it. */
  z.strictObject({ kind: z.literal('pathMoved'), path: pathId, remote: z.strictObject({ address, port }) }),
  /** ICMP said so about a connected socket; a hint, never proof. */
  z.strictObject({
    kind: z.literal('socketError'),
    socket: socketName,
    reason: z.enum(['portUnreachable', 'hostUnreachable', 'networkUnreachable', 'permissionDenied', 'messageTooLong']),
  }),
]);

export type NetworkPlan = z.infer<typeof networkPlan>;
export type BrokerRequest = z.infer<typeof brokerRequest>;
export type DatapathRequest = z.infer<typeof datapathRequest>;
export type DatapathCommand = z.infer<typeof datapathCommand>;
export type HelperReply = z.infer<typeof helperReply>;
export type DatapathEvent = z.infer<typeof datapathEvent>;
