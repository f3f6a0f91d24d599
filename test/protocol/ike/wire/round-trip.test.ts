import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Payload,
  bodyOf,
  decodeChain,
  decodeLifetime,
  decodeMessage,
  decodePacket,
  encodeBody,
  encodeChain,
  encodeLifetime,
  encodeMessage,
  encodePacket,
} from '../../../../main/protocol/ike/wire/index.ts';
import { WireError } from '../../../../main/protocol/wire/error.ts';
import { header, payload, payloadsByKind } from './arbitraries.ts';

describe('what is written reads back as it was', () => {
  test.each(Object.entries(payloadsByKind))('%s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (value: Payload) => {
        const { firstPayload, body } = encodeChain([value]);
        const chain = decodeChain(firstPayload, body);
        expect(chain.payloads).toEqual([value]);
        expect(bodyOf(chain, value.kind)).toEqual(encodeBody(value));
      }),
    );
  });

  test('whole messages', () => {
    fc.assert(
      fc.property(header, fc.array(payload, { maxLength: 6 }), (head, payloads) => {
        const message = decodeMessage(encodeMessage(head, payloads));
        expect(message.header).toEqual(head);
        expect(message.chain.payloads).toEqual(payloads);
      }),
    );
  });

  test('messages whose payloads are encrypted', () => {
    fc.assert(
      fc.property(header, fc.integer({ min: 0, max: 255 }), fc.uint8Array(), (head, firstPayload, body) => {
        const packet = { header: head, firstPayload, body };
        expect(decodePacket(encodePacket(packet))).toEqual(packet);
      }),
    );
  });

  test('lifetimes in notifications', () => {
    const amount = fc.integer({ min: 0, max: 0xffff_ffff });
    const lifetimes = fc.record({ lifeSeconds: amount, lifeKilobytes: amount }, { requiredKeys: [] });
    fc.assert(
      fc.property(lifetimes, (lifetime) => {
        expect(decodeLifetime(encodeLifetime(lifetime))).toEqual(lifetime);
      }),
    );
  });
});

test('what follows the first payload is what was written after it, and padding is no part of it', () => {
  fc.assert(
    fc.property(payload, fc.array(payload, { minLength: 1, maxLength: 4 }), fc.nat(15), (first, others, padding) => {
      const { firstPayload, body } = encodeChain([first, ...others]);
      const padded = new Uint8Array(body.length + padding);
      padded.set(body);
      const chain = decodeChain(firstPayload, padded, { padded: true });
      expect(chain.payloads).toEqual([first, ...others]);
      expect(chain.afterFirst).toEqual(encodeChain(others).body);
    }),
  );
});

describe('whatever arrives, only a WireError is thrown', () => {
  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        onlyWireErrors(() => decodeMessage(bytes));
      }),
      { numRuns: 500 },
    );
  });

  test('arbitrary bytes as the body of each payload', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 200 }), (type, body) => {
        const framed = Uint8Array.of(0, 0, 0, body.length + 4, ...body);
        onlyWireErrors(() => decodeChain(type, framed));
        onlyWireErrors(() => decodeLifetime(body));
      }),
      { numRuns: 2000 },
    );
  });

  test('messages with one byte changed or their end cut off', () => {
    const messages = fc.tuple(header, fc.array(payload, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat(255), ([head, payloads], at, value) => {
        const message = encodeMessage(head, payloads);
        onlyWireErrors(() => decodeMessage(message.with(at % message.length, value)));
        expect(() => decodeMessage(message.subarray(0, at % message.length))).toThrow(WireError);
      }),
      { numRuns: 500 },
    );
  });
});

function onlyWireErrors(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
}
