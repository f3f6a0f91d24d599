import { elementsOf, type Element } from './ber.ts';

/**
 * The form of what a server may send (RFC 4511 Appendix B), down to the last length. ldapts believes the lengths inside a
 * message: one that promises more than there is keeps it reading for ever, and the host with it. So it is given none.
 */

interface Shape {
  readonly tag: number;
  /** Absent: bytes, as many as `mostBytes` says. */
  readonly holds?: readonly Field[];
  readonly mostBytes?: number;
}

interface Field {
  readonly times: 'one' | 'maybe' | 'many';
  readonly of: readonly Shape[];
}

const one = (...of: readonly Shape[]): Field => ({ times: 'one', of });
const maybe = (...of: readonly Shape[]): Field => ({ times: 'maybe', of });
const many = (...of: readonly Shape[]): Field => ({ times: 'many', of });

const integer: Shape = { tag: 0x02, mostBytes: 4 };
const enumerated: Shape = { tag: 0x0a, mostBytes: 4 };
const boolean: Shape = { tag: 0x01, mostBytes: 1 };
const octets: Shape = { tag: 0x04 };

const attribute: Shape = { tag: 0x30, holds: [one(octets), one({ tag: 0x31, holds: [many(octets)] })] };
const control: Shape = { tag: 0x30, holds: [one(octets), maybe(boolean), maybe(octets)] };
const referral: Shape = { tag: 0xa3, holds: [many(octets)] };
const result = [one(enumerated), one(octets), one(octets), maybe(referral)];

const bindResponse: Shape = { tag: 0x61, holds: [...result, maybe({ tag: 0x87 })] };
const searchResultEntry: Shape = { tag: 0x64, holds: [one(octets), one({ tag: 0x30, holds: [many(attribute)] })] };
const searchResultDone: Shape = { tag: 0x65, holds: result };
const searchResultReference: Shape = { tag: 0x73, holds: [many(octets)] };
const extendedResponse: Shape = { tag: 0x78, holds: [...result, maybe({ tag: 0x8a }), maybe({ tag: 0x8b })] };

const controls = maybe({ tag: 0xa0, holds: [many(control)] });
const answer: Shape = {
  tag: 0x30,
  holds: [
    one(integer),
    one(bindResponse, searchResultEntry, searchResultDone, searchResultReference, extendedResponse),
    controls,
  ],
};

/** Whether one message, whole, is an answer of LDAP. */
export function isAnswer(message: Uint8Array): boolean {
  return holds(message, [one(answer)]);
}

/** The code with which StartTLS was answered (RFC 4511 §4.14.2); `undefined` where that is not what `message` is. */
export function startTlsCode(message: Uint8Array, messageId: number): number | undefined {
  if (!holds(message, [one({ tag: 0x30, holds: [one(integer), one(extendedResponse), controls] })])) return undefined;
  const [whole] = elementsOf(message) ?? [];
  const [id, response] = elementsOf(whole?.content ?? new Uint8Array()) ?? [];
  const [code] = elementsOf(response?.content ?? new Uint8Array()) ?? [];
  return numberOf(id) === messageId ? numberOf(code) : undefined;
}

function numberOf(element: Element | undefined): number | undefined {
  return element?.content.reduce((sum, byte) => sum * 256 + byte, 0);
}

function holds(content: Uint8Array, fields: readonly Field[]): boolean {
  const elements = elementsOf(content);
  if (elements === undefined) return false;
  let next = 0;
  for (const { times, of } of fields) {
    do {
      const element = elements[next];
      const shape = of.find(({ tag }) => tag === element?.tag);
      if (element === undefined || shape === undefined) {
        if (times === 'one') return false;
        break;
      }
      if (!fits(element, shape)) return false;
      next += 1;
    } while (times === 'many');
  }
  return next === elements.length;
}

function fits({ content }: Element, { holds: fields, mostBytes }: Shape): boolean {
  if (fields !== undefined) return holds(content, fields);
  return mostBytes === undefined || (content.length > 0 && content.length <= mostBytes);
}
