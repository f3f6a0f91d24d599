import type { DatapathCommand, DatapathEvent, DatapathRequest } from '../../../main/contracts/helper.ts';
import type { Endpoint, IkePort } from '../../../main/protocol/ike/index.ts';
import { concat } from '../../../main/protocol/wire/bytes.ts';
import { Opener, Sealer } from './association.ts';
import {
  framePpp,
  isControl,
  pppIpv4,
  readData,
  readPpp,
  readUdp,
  u16s,
  writeData,
  writePpp,
  writeUdp,
} from './frames.ts';

type Body<Message> = Message extends unknown ? Omit<Message, 'id'> : never;
type Request = Body<DatapathRequest>;
type SetPath = Extract<Request, { kind: 'setPath' }>;
type SetSession = Extract<Request, { kind: 'setSession' }>;

export interface DatapathWatcher {
  /** To be put on the wire. */
  send(socket: IkePort, remote: Endpoint, datagram: Uint8Array): void;
  event(event: DatapathEvent, attachment: Uint8Array): void;
  /** A user's IPv4 packet came through a session. */
  packet(session: number, packet: Uint8Array): void;
}

const nonEspMarker = new Uint8Array(4); // RFC 3948 §2.2
const keepalive = Uint8Array.of(0xff);
const none: Uint8Array = new Uint8Array();

/**
 * The helper's datapath as one class, without a TUN device: it takes the same requests and commands and reports the same events,
 * but neither judges replays nor counts.
 */
export class UserDatapath {
  readonly #watcher: DatapathWatcher;
  readonly #paths = new Map<number, { setUp: SetPath; sealer?: Sealer }>();
  readonly #inbound = new Map<
    number,
    { readonly path: number; readonly opener: Opener; outboundSpi: number; used: boolean }
  >();
  readonly #sealers = new Map<string, Sealer>();
  readonly #sessions = new Map<number, { setUp: SetSession; sent: number }>();
  readonly #sessionOfCall = new Map<string, number>();

  constructor(watcher: DatapathWatcher) {
    this.#watcher = watcher;
  }

  /** Paths, SAs and sessions. */
  get installed(): readonly [number, number, number] {
    return [this.#paths.size, this.#inbound.size, this.#sessions.size];
  }

  request(request: Request, attachment = none): void {
    switch (request.kind) {
      case 'setPath': {
        const sealer = this.#paths.get(request.path)?.sealer;
        this.#paths.set(request.path, { setUp: request, ...(sealer !== undefined && { sealer }) });
        return;
      }
      case 'removePath':
        this.#paths.delete(request.path);
        return;
      case 'installSa': {
        const { inbound, outbound, path } = request;
        const inboundBytes = inbound.cipherKeyBytes + inbound.integrityKeyBytes;
        const opener = new Opener(inbound, attachment.subarray(0, inboundBytes));
        this.#inbound.set(inbound.spi, { path, opener, outboundSpi: outbound.spi, used: false });
        this.#sealers.set(`${path} ${outbound.spi}`, new Sealer(outbound, attachment.subarray(inboundBytes)));
        return;
      }
      case 'useSa': {
        const path = this.#paths.get(request.path);
        const sealer = this.#sealers.get(`${request.path} ${request.outboundSpi}`);
        if (path !== undefined && sealer !== undefined) path.sealer = sealer;
        return;
      }
      case 'removeSa': {
        const outboundSpi = this.#inbound.get(request.inboundSpi)?.outboundSpi ?? 0;
        this.#sealers.delete(`${request.path} ${outboundSpi}`);
        this.#inbound.delete(request.inboundSpi);
        return;
      }
      case 'setSession':
        this.#sessions.set(request.session, { setUp: request, sent: this.#sessions.get(request.session)?.sent ?? 0 });
        this.#sessionOfCall.set(callKey(request.path, request.localTunnelId, request.localSessionId), request.session);
        return;
      case 'removeSession': {
        const call = this.#sessions.get(request.session)?.setUp;
        if (call !== undefined) this.#sessionOfCall.delete(callKey(call.path, call.localTunnelId, call.localSessionId));
        this.#sessions.delete(request.session);
        return;
      }
      case 'hello':
      case 'statistics':
        return;
    }
  }

  command(command: DatapathCommand, attachment = none): void {
    switch (command.kind) {
      case 'sendIke': {
        const marker = command.socket === 'natt' ? nonEspMarker : none;
        this.#watcher.send(command.socket, command.remote, concat(marker, attachment));
        return;
      }
      case 'sendKeepalive':
        this.#watcher.send('natt', command.remote, keepalive);
        return;
      case 'sendL2tp':
        this.#seal(command.path, attachment);
        return;
      case 'sendPpp':
        this.#sendFrame(command.session, framePpp(attachment));
        return;
    }
  }

  /** A user's IPv4 packet for the peer. */
  sendPacket(session: number, packet: Uint8Array): void {
    this.#sendFrame(session, writePpp(pppIpv4, packet));
  }

  receive(socket: IkePort, remote: Endpoint, datagram: Uint8Array): void {
    if (socket === 'ike') {
      this.#watcher.event({ kind: 'ike', socket, remote }, datagram);
    } else if (datagram.length > 4) {
      const spi = Buffer.from(datagram.buffer, datagram.byteOffset, 4).readUInt32BE(0);
      if (spi === 0) this.#watcher.event({ kind: 'ike', socket, remote }, datagram.subarray(nonEspMarker.length));
      else this.#receiveSealed(spi, remote, datagram);
    }
  }

  #receiveSealed(spi: number, remote: Endpoint, packet: Uint8Array): void {
    const association = this.#inbound.get(spi);
    const path = this.#paths.get(association?.path ?? 0);
    const inner = readUdp(association?.opener.open(packet) ?? none);
    if (association === undefined || path === undefined || inner === undefined) return;
    if (!association.used) {
      association.used = true;
      this.#watcher.event({ kind: 'saUsed', path: association.path, inboundSpi: spi }, none);
    }
    this.#follow(association.path, path, remote, inner.sourcePort);
    if (isControl(inner.payload)) this.#watcher.event({ kind: 'l2tp', path: association.path }, inner.payload);
    else this.#receiveData(association.path, inner.payload);
  }

  /** The peer is where its authentic packets come from, and speaks L2TP by the port that it uses first. */
  #follow(id: number, path: { setUp: SetPath }, remote: Endpoint, sourcePort: number): void {
    const { setUp } = path;
    if (setUp.remoteL2tpPort === 0) path.setUp = { ...setUp, remoteL2tpPort: sourcePort };
    if (setUp.remote.address === remote.address && setUp.remote.port === remote.port) return;
    path.setUp = { ...path.setUp, remote };
    this.#watcher.event({ kind: 'pathMoved', path: id, remote }, none);
  }

  #receiveData(path: number, message: Uint8Array): void {
    const data = readData(message);
    const session = data && this.#sessionOfCall.get(callKey(path, data.tunnelId, data.sessionId));
    if (data === undefined || session === undefined) return;
    const { protocol, information } = readPpp(data.frame);
    if (protocol === pppIpv4) this.#watcher.packet(session, information);
    else this.#watcher.event({ kind: 'ppp', session }, concat(u16s(protocol), information));
  }

  #sendFrame(session: number, frame: Uint8Array): void {
    const known = this.#sessions.get(session);
    if (known === undefined) return;
    const { path, remoteTunnelId, remoteSessionId, sequencing } = known.setUp;
    const number = sequencing ? known.sent++ : undefined;
    this.#seal(path, writeData(remoteTunnelId, remoteSessionId, number, frame));
  }

  #seal(path: number, message: Uint8Array): void {
    const known = this.#paths.get(path);
    if (known?.sealer === undefined) return;
    const { socket, remote, localL2tpPort, remoteL2tpPort } = known.setUp;
    this.#watcher.send(socket, remote, known.sealer.seal(writeUdp(localL2tpPort, remoteL2tpPort, message)));
  }
}

function callKey(path: number, tunnelId: number, sessionId: number): string {
  return `${path} ${tunnelId} ${sessionId}`;
}
