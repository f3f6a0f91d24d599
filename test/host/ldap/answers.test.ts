import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerStream, mostAnswerBytes } from '../../../main/host/ldap/connection/answer-stream.ts';
import { isAnswer, startTlsCode } from '../../../main/host/ldap/connection/answers.ts';
import { bound, done, element, entry, extended, message, policyControl, reference } from './messages.ts';

const octets = element(0x04, 'x');
const everyKind = [
  bound(2),
  bound(2, 49, '80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563'),
  message(2, element(0x61, element(0x0a, 0), octets, octets, element(0x87, 'sasl')), policyControl(1)),
  entry(3, 'uid=alice'),
  entry(3, 'uid=alice', { memberOf: ['cn=a', 'cn=b'], none: [], long: ['x'.repeat(300)] }),
  reference(3, 'ldap://elsewhere'),
  done(3),
  message(3, element(0x65, element(0x0a, 10), octets, octets, element(0xa3, octets, octets))),
  extended(0, 52),
];

/** Walks to the ends of all lengths, as a reader must. */
function lengthPlaces(bytes: Uint8Array, at = 0, end = bytes.length): number[] {
  const places: number[] = [];
  while (at < end) {
    const tag = bytes[at] ?? 0;
    const isLong = bytes[at + 1] === 0x84;
    const from = at + (isLong ? 6 : 2);
    const length = isLong ? Buffer.from(bytes).readUInt32BE(at + 2) : (bytes[at + 1] ?? 0);
    places.push(isLong ? at + 5 : at + 1);
    if ((tag & 0x20) !== 0) places.push(...lengthPlaces(bytes, from, from + length));
    at = from + length;
  }
  return places;
}

describe('an answer', () => {
  test.each(everyKind.map((bytes) => [Buffer.from(bytes).toString('latin1'), bytes] as const))(
    'is one: %j',
    (_, bytes) => {
      expect(isAnswer(bytes)).toBe(true);
    },
  );

  test('is none when it is cut off anywhere, or goes on', () => {
    for (const bytes of everyKind) {
      for (let length = 0; length < bytes.length; length += 1) expect(isAnswer(bytes.subarray(0, length))).toBe(false);
      expect(isAnswer(Buffer.concat([bytes, Uint8Array.of(0)]))).toBe(false);
      expect(isAnswer(Buffer.concat([bytes, bytes]))).toBe(false);
    }
  });

  test('is none when any of its lengths is not true', () => {
    for (const bytes of everyKind) {
      for (const place of lengthPlaces(bytes)) {
        for (const change of [1, 2, 100, 255]) {
          const lying = Uint8Array.from(bytes);
          lying[place] = ((lying[place] ?? 0) + change) & 0xff;
          // What a length gained another may have had: then it reads otherwise, and is whole all the same.
          if (isAnswer(lying)) expect(lengthPlaces(lying).at(-1)).toBeLessThan(lying.length);
        }
      }
      const promising = Uint8Array.from(bytes);
      const last = lengthPlaces(bytes).at(-1) ?? 0;
      promising[last] = 0x7f;
      expect(isAnswer(promising)).toBe(false);
    }
  });

  test('is none where a tag stands that does not belong there', () => {
    expect(isAnswer(message(1, element(0x79, 'intermediate')))).toBe(false);
    expect(isAnswer(message(1, element(0x64, octets, octets)))).toBe(false);
    expect(isAnswer(message(1, element(0x64, octets, element(0x30, element(0x30, octets, octets)))))).toBe(false);
    expect(isAnswer(message(1, element(0x73, element(0x30))))).toBe(false);
    expect(isAnswer(element(0x30, element(0x02, 1, 2, 3, 4, 5), element(0x61, octets)))).toBe(false);
    expect(isAnswer(element(0x30, element(0x02), bound(1).subarray(5)))).toBe(false);
    expect(isAnswer(Uint8Array.of(0x30, 0x80, 0, 0))).toBe(false);
    expect(isAnswer(Uint8Array.of(0x30, 0x85, 0, 0, 0, 0, 0))).toBe(false);
    expect(isAnswer(Uint8Array.of())).toBe(false);
  });

  test('to StartTLS says a code only when it is one, for that question', () => {
    expect(startTlsCode(extended(1), 1)).toBe(0);
    expect(startTlsCode(extended(1, 52), 1)).toBe(52);
    expect(startTlsCode(extended(2), 1)).toBeUndefined();
    expect(startTlsCode(bound(1), 1)).toBeUndefined();
    expect(startTlsCode(Uint8Array.of(1, 2, 3), 1)).toBeUndefined();
  });
});

describe('the stream of answers', () => {
  /** What is passed on of `chunks`, and why it ended. */
  async function passOn(chunks: readonly Uint8Array[]) {
    const socket = new PassThrough();
    const stream = new AnswerStream(socket);
    const passed: Uint8Array[] = [];
    stream.on('data', (bytes: Uint8Array) => passed.push(bytes));
    for (const chunk of chunks) {
      socket.write(chunk);
      await new Promise(setImmediate);
    }
    const { problem, destroyed } = stream;
    stream.destroy();
    return { passed, trouble: problem?.trouble, destroyed, socket };
  }

  test('passes on each as a whole and alone, however it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...everyKind), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 400 })),
        async (answers, cuts) => {
          const all = Buffer.concat(answers);
          const at = [0, ...cuts.map((cut) => cut % all.length).sort((a, b) => a - b), all.length];
          const chunks = at.slice(1).map((end, i) => all.subarray(at[i], end));
          const { passed, trouble } = await passOn(chunks.filter(({ length }) => length > 0));
          expect(trouble).toBeUndefined();
          expect(passed.map((bytes) => Buffer.from(bytes))).toEqual(answers.map((bytes) => Buffer.from(bytes)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('ends at the first byte that is not of one, and passes on what came before', async () => {
    const { passed, trouble, destroyed, socket } = await passOn([bound(2), Uint8Array.of(0x31), bound(3)]);
    expect([passed.length, trouble, destroyed, socket.destroyed]).toEqual([1, 'malformed', true, true]);
  });

  test('ends at bytes of any kind, or waits for more, and never with an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        const { passed, trouble } = await passOn([bytes]);
        return passed.length === 0 && (trouble === undefined || trouble === 'malformed' || trouble === 'tooLarge');
      }),
      { numRuns: 200 },
    );
  });

  test('ends at a message that promises too much, and at too many', async () => {
    expect((await passOn([Uint8Array.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff)])).trouble).toBe('tooLarge');
    const large = entry(3, 'x', { memberOf: ['y'.repeat(mostAnswerBytes / 4)] });
    const { passed, trouble } = await passOn([large, large, large, large]);
    expect([passed.length, trouble]).toEqual([3, 'tooLarge']);
  });

  test('ends when the socket does, with the cause', async () => {
    const socket = new PassThrough();
    const stream = new AnswerStream(socket);
    socket.destroy(new Error('reset'));
    await new Promise(setImmediate);
    expect(stream.destroyed).toBe(true);
    expect(stream.problem).toMatchObject({ trouble: 'connectionLost', message: 'reset' });
  });
});
