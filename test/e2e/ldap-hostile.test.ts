import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../main/contracts/secret.ts';
import { elementsOf } from '../../main/host/ldap/connection/ber.ts';
import { Directory, readServer, type LdapOutcome } from '../../main/host/ldap/index.ts';
import { utf8 } from '../../main/protocol/wire/bytes.ts';
import { bound, done, element, entry, extended, message, reference } from '../host/ldap/messages.ts';
import { createAuthority, type Authority, type Certificate } from '../support/certificates.ts';
import { scratchFolder } from '../support/scratch.ts';

const alice = 'uid=alice,dc=test';
const startTlsBytes = 31;

let authority: Authority;
let certificate: Certificate;
beforeAll(async () => {
  authority = await createAuthority(scratchFolder('authority'), 'right');
  certificate = await authority.issue('DNS:localhost');
});
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const kinds = { 0x60: 'bind', 0x63: 'search', 0x42: 'unbind' } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

interface Request {
  readonly id: number;
  readonly kind: Kind;
  /** How many of its kind came before, on this connection. */
  readonly nth: number;
}

type Answer = readonly (Uint8Array | 'close')[];

/** A directory that lets alice in, unless `answer` says otherwise; `asked` is what it was asked. */
async function pretend(answer: (request: Request) => Answer | undefined) {
  const asked: string[] = [];
  const options = { cert: readFileSync(certificate.certificateFile), key: readFileSync(certificate.keyFile) };
  const server = createTlsServer(options, (socket) => {
    const counts = new Map<Kind, number>();
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Uint8Array) => {
      const [id, operation] = elementsOf(elementsOf(bytes)?.[0]?.content ?? bytes) ?? [];
      const kind = kinds[(operation?.tag ?? 0) as keyof typeof kinds];
      const nth = counts.get(kind) ?? 0;
      counts.set(kind, nth + 1);
      asked.push(kind);
      const request = { id: id?.content[0] ?? 0, kind, nth };
      const said = answer(request) ?? honest(request);
      for (const part of said) {
        if (part === 'close') socket.end();
        else socket.write(part);
      }
    });
  });
  return { port: await listen(server), asked };
}

function honest({ id, kind }: Request): Answer {
  if (kind === 'unbind') return ['close'];
  return kind === 'bind' ? [bound(id)] : [entry(id, alice), done(id)];
}

function open(addresses: readonly string[], timeoutMs = 2_000): Directory {
  const directory = new Directory({
    servers: addresses.map((address) => readServer(address) ?? expect.fail(address)),
    ca: authority.pem,
    search: { base: 'dc=test', filter: '(uid={user})', as: { dn: 'cn=reader', password: new Secret(utf8('reader')) } },
    reading: { groupAttribute: 'memberOf', groups: [] },
    timeoutMs,
  });
  cleanUps.push(() => directory.close());
  return directory;
}

async function judge(addresses: readonly string[], timeoutMs?: number): Promise<string> {
  const asked = { user: 'alice', password: new Secret(utf8('alice-pass')) };
  return gist(await open(addresses, timeoutMs).judge(asked));
}

function gist(outcome: LdapOutcome): string {
  if (outcome.kind === 'known') return `known ${outcome.dn}`;
  if (outcome.kind === 'refused') return outcome.reason;
  return outcome.kind === 'cancelled' ? outcome.kind : outcome.failures.map(({ trouble }) => trouble).join(', ');
}

const octets = element(0x04, 'x');
const endless = (id: number): Uint8Array[] =>
  Array.from({ length: 40 }, (_, i) => entry(id, `uid=${i}`, { memberOf: ['x'.repeat(60_000)] }));

describe('a directory that is what its certificate says, and answers', () => {
  const onSearch = (answers: (id: number) => Answer) => (request: Request) =>
    request.kind === 'search' ? answers(request.id) : undefined;

  test.each<[string, (request: Request) => Answer | undefined, string]>([
    ['honestly', () => undefined, `known ${alice}`],
    ['noise', onSearch(() => [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]), 'malformed'],
    [
      'an entry that promises more attributes than it has',
      onSearch((id) => [message(id, Buffer.from('6406040178307f3000', 'hex')), done(id)]),
      'malformed',
    ],
    [
      'an attribute that promises more values than it has',
      onSearch((id) => [
        message(id, element(0x64, octets, element(0x30, element(0x30, octets, Buffer.from('310404ff', 'hex'))))),
        done(id),
      ]),
      'malformed',
    ],
    ['a message of two gigabytes', onSearch(() => [Buffer.from('30847fffffff', 'hex')]), 'tooLarge'],
    ['entries without end', onSearch(endless), 'tooLarge'],
    ['an entry without a name', onSearch((id) => [entry(id, ''), done(id)]), 'failed'],
    ['an entry whose name is a mechanism', onSearch((id) => [entry(id, 'EXTERNAL'), done(id)]), 'failed'],
    ['two entries', onSearch((id) => [entry(id, alice), entry(id, 'uid=b'), done(id)]), 'ambiguous'],
    [
      'two entries and that there are more',
      onSearch((id) => [entry(id, alice), entry(id, 'uid=b'), done(id, 4)]),
      'ambiguous',
    ],
    ['nothing but references', onSearch((id) => [reference(id, 'ldap://evil'), done(id)]), 'unknownUser'],
    ['that another has it', onSearch((id) => [done(id, 10)]), 'elsewhere'],
    ['to a search as to a bind', onSearch((id) => [bound(id)]), 'malformed'],
    ['another question', onSearch((id) => [done(id + 7)]), 'noAnswer'],
    ['nothing', onSearch(() => []), 'noAnswer'],
    ['that it ends', onSearch(() => [extended(0, 52)]), 'noAnswer'],
    ['by closing', onSearch(() => ['close']), 'connectionLost'],
    ['and closes', onSearch((id) => [entry(id, alice), done(id), 'close']), 'connectionLost'],
    ['that it is busy', onSearch((id) => [done(id, 51)]), 'busy'],
    [
      'thousands of times at once',
      onSearch((id) => [
        Buffer.concat([...Array.from({ length: 20_000 }, () => done(99)), entry(id, alice), done(id)]),
      ]),
      `known ${alice}`,
    ],
    [
      'the bind of the user by closing',
      ({ kind, nth }) => (kind === 'bind' && nth === 1 ? ['close'] : undefined),
      'connectionLost',
    ],
    [
      'the bind of the user with what nobody knows',
      ({ id, kind, nth }) => (kind === 'bind' && nth === 1 ? [bound(id, 123)] : undefined),
      'failed',
    ],
    [
      'the bind of the user in the words of Active Directory',
      ({ id, kind, nth }) =>
        kind === 'bind' && nth === 1
          ? [bound(id, 49, '80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 533, v4563')]
          : undefined,
      'accountDisabled',
    ],
  ])('%s', async (_, answer, expected) => {
    const { port, asked } = await pretend(answer);
    expect(await judge([`ldaps://localhost:${port}`], expected === 'noAnswer' ? 300 : 3_000)).toBe(expected);
    const binds = asked.filter((kind) => kind === 'bind').length;
    const decidedBySearch = ['unknownUser', 'ambiguous', 'elsewhere', 'malformed', 'tooLarge', 'busy'].includes(
      expected,
    );
    if (decidedBySearch) expect(binds).toBe(1);
  });

  test('that it is busy is left alone for a while', async () => {
    const busy = await pretend(onSearch((id) => [done(id, 51)]));
    const spare = await pretend(() => undefined);
    const directory = open([`ldaps://localhost:${busy.port}`, `ldaps://localhost:${spare.port}`]);
    const asked = { user: 'alice', password: new Secret(utf8('alice-pass')) };
    for (let i = 0; i < 3; i += 1) expect(gist(await directory.judge(asked))).toBe(`known ${alice}`);
    expect(busy.asked.filter((kind) => kind === 'search')).toHaveLength(1);
    expect(spare.asked.filter((kind) => kind === 'search')).toHaveLength(3);
  });

  test('what breaks off anywhere or is wrong in any byte is waited for no longer than allowed, and ends nothing else', async () => {
    const truth = (id: number): Buffer => Buffer.concat([entry(id, alice, { memberOf: ['cn=a', 'cn=b'] }), done(id)]);
    await fc.assert(
      fc.asyncProperty(fc.nat(200), fc.nat(255), fc.boolean(), async (place, value, cuts) => {
        const { port } = await pretend(
          onSearch((id) => {
            const bytes = truth(id);
            const at = place % bytes.length;
            if (cuts) return [bytes.subarray(0, at)];
            bytes[at] = value;
            return [bytes];
          }),
        );
        const outcome = await judge([`ldaps://localhost:${port}`], 100);
        return /^(known .*|malformed|tooLarge|noAnswer|unknownUser|failed|elsewhere|busy|accessRefused|noSearchBase)$/s.test(
          outcome,
        );
      }),
      { numRuns: 80 },
    );
  });
});

describe('before TLS, somebody who answers', () => {
  test.each<[string, Answer, string]>([
    ['nothing', [], 'noAnswer'],
    ['by closing', ['close'], 'connectionLost'],
    ['noise', [Buffer.from('220 mail.example.com ESMTP\r\n')], 'malformed'],
    ['noise without end', [Buffer.concat([Buffer.from('3084000fffff', 'hex'), Buffer.alloc(8192)])], 'malformed'],
    ['that it will not', [extended(1, 2)], 'tlsRefused'],
    ['another question', [extended(2)], 'malformed'],
    ['a bind that nobody asked for', [bound(1)], 'malformed'],
    ['and goes on as the server', [Buffer.concat([extended(1), entry(3, alice), done(3)])], 'malformed'],
    ['and then is no TLS', [extended(1), Buffer.from('plain text after all, a whole line of it')], 'tlsFailed'],
  ])('%s learns nothing', async (_, answer, trouble) => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        answer.forEach((part, i) => setTimeout(() => (part === 'close' ? socket.end() : socket.write(part)), i * 50));
      });
      socket.on('data', (bytes: Buffer) => heard.push(bytes));
    });
    expect(await judge([`ldap://localhost:${await listen(server)}`], 300)).toMatch(
      trouble === 'tlsFailed' ? /^(tlsFailed|malformed)$/ : new RegExp(`^${trouble}$`),
    );
    const all = Buffer.concat(heard).toString('latin1');
    expect(all).not.toMatch(/reader|alice|pass/);
    if (trouble !== 'tlsFailed') expect(all).toHaveLength(startTlsBytes);
  });
});
