import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  brokerRequest,
  type BrokerRequest,
  datapathCommand,
  type DatapathCommand,
  type DatapathEvent,
  datapathRequest,
  type DatapathRequest,
  type HelperReply,
} from '../../../main/contracts/helper.ts';
import { encodeFrame, FrameReader } from '../../../main/helper/framing.ts';
import { connectHelper, type Helper } from '../../../main/helper/index.ts';
import type { MemoryClient } from '../../session/support/memory-client.ts';
import { frame, MemoryDatapath, unframe } from '../../session/support/memory-datapath.ts';

type Request = BrokerRequest | DatapathRequest;
type Answer = Omit<Extract<HelperReply, { kind: 'ok' }>, 'id'> | Omit<Extract<HelperReply, { kind: 'error' }>, 'id'>;

const remote = { address: '192.0.2.77', port: 4500 };

/** A helper in memory, behind real sockets, with one client on the other side of its datapath. */
export class FakeHelper {
  /** Everything asked of either process, in order; and `sendPpp`, `sendL2tp`, `sendIke`. */
  readonly asked: (Request | DatapathCommand)[] = [];
  /** Answers in place of `ok`. */
  answer: (request: Request) => Answer | undefined = () => undefined;
  client: MemoryClient | undefined;
  helper!: Helper;
  readonly #servers: Server[] = [];
  readonly #sockets: Socket[] = [];
  readonly #sas = new MemoryDatapath();
  #path = 0;
  #session = 0;
  #datapath: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;

  static async open(folder: string): Promise<FakeHelper> {
    const fake = new FakeHelper();
    await fake.#listen(join(folder, 'broker.sock'), (json) => fake.#request(brokerRequest.parse(json)));
    await fake.#listen(join(folder, 'datapath.sock'), (json, attachment, socket) => {
      fake.#datapath = socket;
      const command = datapathCommand.safeParse(json);
      if (!command.success) return fake.#request(datapathRequest.parse(json), attachment);
      fake.asked.push(command.data);
      fake.#deliver(fake.#wire(command.data, attachment));
      return undefined;
    });
    fake.helper = await connectHelper(folder);
    return fake;
  }

  of<Kind extends (Request | DatapathCommand)['kind']>(
    kind: Kind,
  ): Extract<Request | DatapathCommand, { kind: Kind }>[] {
    return this.asked.filter((each): each is Extract<Request | DatapathCommand, { kind: Kind }> => each.kind === kind);
  }

  /** The client dials. */
  dial(client: MemoryClient): void {
    this.client = client;
    this.#send(client.start(performance.now()));
  }

  hangUp(): void {
    this.#send(this.client?.stop(performance.now()) ?? []);
  }

  /** As when its process is killed. */
  die(): void {
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }

  #listen(path: string, receive: (json: unknown, attachment: Uint8Array, socket: Socket) => Answer | undefined) {
    const server = createServer((socket) => {
      const reader = new FrameReader();
      this.#sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        for (const { json, attachment } of reader.push(chunk)) {
          const answer = receive(json, attachment, socket);
          if (answer !== undefined) socket.write(encodeFrame({ ...answer, id: (json as { id: number }).id }));
        }
      });
    });
    this.#servers.push(server);
    return new Promise<void>((resolve) => server.listen(path, resolve));
  }

  #request(request: Request, attachment: Uint8Array = new Uint8Array()): Answer {
    this.asked.push(request);
    const instead = this.answer(request);
    if (instead !== undefined) return instead;
    if (request.kind === 'setPath') this.#path = request.path;
    if (request.kind === 'setSession') this.#session = request.session;
    if (request.kind === 'useSa') this.#sas.use(request.outboundSpi);
    if (request.kind === 'installSa') {
      const inboundBytes = request.inbound.cipherKeyBytes + request.inbound.integrityKeyBytes;
      const keys = [attachment.subarray(0, inboundBytes), attachment.subarray(inboundBytes)] as const;
      this.#sas.install(request.inbound.spi, request.outbound.spi, ...keys);
    }
    return { kind: 'ok' };
  }

  // ── Between the datapath and the client ────────────────────────────────────────────────────────────────────────────

  #wire(command: DatapathCommand, attachment: Uint8Array): Uint8Array[] {
    if (command.kind === 'sendIke') return [frame(command.socket, attachment)];
    if (command.kind === 'sendL2tp') return this.#sas.seal('l2tp', attachment);
    return command.kind === 'sendPpp' ? this.#sas.seal('ppp', attachment) : [];
  }

  #deliver(datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) this.#send(this.client?.receive(datagram, performance.now()) ?? []);
  }

  #send(datagrams: readonly Uint8Array[]): void {
    for (const datagram of datagrams) this.#receive(datagram);
    clearTimeout(this.#timer);
    const dueMs = this.client?.deadlineMs();
    if (dueMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#send(this.client?.tick(performance.now()) ?? []);
      },
      Math.max(0, dueMs - performance.now()),
    );
  }

  #receive(datagram: Uint8Array): void {
    const { kind, body } = unframe(datagram);
    if (kind === 'ike' || kind === 'natt') {
      this.#report({ kind: 'ike', socket: kind, remote }, body);
      return;
    }
    const opened = kind === 'sealed' ? this.#sas.open(body) : undefined;
    if (opened === undefined) return;
    this.#report({ kind: 'saUsed', path: this.#path, inboundSpi: opened.spi });
    if (opened.payload === 'l2tp') this.#report({ kind: 'l2tp', path: this.#path }, opened.body);
    // Before the session is set, nobody knows whose it is.
    if (opened.payload === 'ppp' && this.#session > 0)
      this.#report({ kind: 'ppp', session: this.#session }, opened.body);
  }

  #report(event: DatapathEvent, attachment: Uint8Array = new Uint8Array()): void {
    this.#datapath?.write(encodeFrame(event, attachment));
  }
}
