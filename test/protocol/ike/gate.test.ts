import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type Admission,
  Gate,
  type GateConfig,
  admitIke,
  createIke,
  ikeNames,
  namesOfDatagram,
  sourceOf,
  stepIke,
} from '../../../main/protocol/ike/index.ts';
import { decodeMessage, decodePacket, encodeMessage, encodePacket } from '../../../main/protocol/ike/wire/index.ts';
import { toHex } from '../../../main/protocol/wire/bytes.ts';
import { hostProposals } from '../../../main/session/proposals.ts';
import { readPcap, udpOf } from '../../support/pcap.ts';
import { seededCryptoWithPooledKeys } from '../../support/seeded-crypto.ts';
import { initiatorConfig, initiatorEndpoint, responderConfig } from './support.ts';

const allowances = { answers: { burst: 64, perSecond: 32 }, admissions: { burst: 64, perSecond: 32 } };
const gateConfig: GateConfig = { ...responderConfig, authentications: ['psk'], forceEncapsulation: true, allowances };
const crypto = seededCryptoWithPooledKeys(1);
const at = (nowMs: number) => ({ nowMs, crypto });
const elsewhere = { address: '198.51.100.66', port: 500 };

/** A client's machine that has sent message 1. */
function dialling(changes: Partial<typeof initiatorConfig> = {}) {
  const step = stepIke(createIke({ ...initiatorConfig, ...changes }), { kind: 'start' }, at(0));
  return { state: step.state, first: sentBy(step.effects) };
}

function sentBy(effects: ReturnType<typeof stepIke>['effects']): Uint8Array {
  for (const effect of effects) if (effect.kind === 'send') return effect.bytes;
  throw new Error('nothing was sent');
}

/** Message 3, after the gate's message 2. */
function third(gate: Gate, remote = initiatorEndpoint, nowMs = 0) {
  const { state, first } = dialling();
  const answer = gate.receive(first, remote, at(nowMs));
  if (answer.kind !== 'answer') throw new Error(`${answer.kind} instead of message 2`);
  const input = { kind: 'datagram', port: 'ike', remote, bytes: answer.bytes } as const;
  return sentBy(stepIke(state, input, at(nowMs)).effects);
}

function admitted(gate: Gate, message: Uint8Array): Admission {
  const verdict = gate.receive(message, initiatorEndpoint, at(0));
  if (verdict.kind !== 'admit') throw new Error(verdict.kind);
  return verdict.admission;
}

describe('between messages 1 and 3 the gate remembers nothing of a peer', () => {
  test('message 1 repeated is answered alike, and message 3 brings a machine that answers it', () => {
    const gate = new Gate(gateConfig);
    const { first } = dialling();
    expect(gate.receive(first, initiatorEndpoint, at(0))).toEqual(gate.receive(first, initiatorEndpoint, at(10)));
    const message = third(gate);
    const path = { port: 'ike', remote: initiatorEndpoint } as const;
    const machine = admitIke({ ...responderConfig, forceEncapsulation: true }, admitted(gate, message), path, at(0));
    expect(ikeNames(machine)).toEqual([namesOfDatagram(message)?.[0]]);
    const { effects } = stepIke(machine, { kind: 'datagram', ...path, bytes: message }, at(0));
    const { chain } = decodeMessage(sentBy(effects));
    expect(chain.payloads.map(({ kind }) => kind)).toEqual(['keyExchange', 'nonce', 'natDetection', 'natDetection']);
  });

  test('message 3 from where message 2 was not sent is no proof of anything', () => {
    const gate = new Gate(gateConfig);
    expect(gate.receive(third(gate), elsewhere, at(0))).toEqual({ kind: 'drop', reason: 'cookie' });
  });

  test('a port that changed on the way does not matter', () => {
    const gate = new Gate(gateConfig);
    expect(gate.receive(third(gate), { ...initiatorEndpoint, port: 61_234 }, at(0)).kind).toBe('admit');
  });

  test('a cookie is good for a while', () => {
    const gate = new Gate(gateConfig);
    const message = third(gate);
    expect(gate.receive(message, initiatorEndpoint, at(29_000)).kind).toBe('admit');
    expect(gate.receive(message, initiatorEndpoint, at(61_000))).toEqual({ kind: 'drop', reason: 'cookie' });
  });

  test('a cookie of another gate, or of another initiator, is none', () => {
    const gate = new Gate(gateConfig);
    const message = third(gate);
    expect(new Gate(gateConfig).receive(message, initiatorEndpoint, at(0)).kind).toBe('drop');
    const { header, ...rest } = decodePacket(message);
    const initiatorCookie = crypto.random(8);
    expect(
      gate.receive(encodePacket({ ...rest, header: { ...header, initiatorCookie } }), initiatorEndpoint, at(0)),
    ).toEqual({ kind: 'drop', reason: 'cookie' });
  });

  test('a flood of offers that nobody ever made good leaves those that were', { timeout: 60_000 }, () => {
    const gate = new Gate(gateConfig);
    const message = third(gate);
    gate.prove(admitted(gate, message));
    for (let index = 0; index < 6000; index++) {
      const lifetimes = { ikeSeconds: 1000 + index, espSeconds: 3600 };
      const source = { address: `10.${index >> 8}.${index & 255}.1`, port: 500 };
      expect(gate.receive(dialling({ lifetimes }).first, source, at(0)).kind).toBe('answer');
    }
    expect(gate.receive(message, initiatorEndpoint, at(0)).kind).toBe('admit');
  });
});

test('an exchange that is under way goes on when the configuration is read again, unless the proposals are others', () => {
  const gate = new Gate(gateConfig);
  const message = third(gate);
  gate.configure({ ...gateConfig, ikeProposals: [...gateConfig.ikeProposals] });
  expect(gate.receive(message, initiatorEndpoint, at(0)).kind).toBe('admit');
  gate.configure({ ...gateConfig, ikeProposals: [{ cipher: 'aes-128-cbc', hash: 'sha512', group: 'modp4096' }] });
  expect(gate.receive(message, initiatorEndpoint, at(0)).kind).toBe('drop');
});

test.each([
  ['2001:db8::1', '2001:db8:0:0:9:8:7:6', true],
  ['2001:db8::1', '2001:db8:0:1::1', false],
  ['fe80::1%eth0', 'fe80::2', true],
  ['::ffff:192.0.2.1', '192.0.2.1', true],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ['192.0.2.1', '192.0.2.2', false],
])('%s and %s are one source: %s', (one, other, same) => {
  expect(sourceOf(one) === sourceOf(other)).toBe(same);
});

describe('a stranger costs little', () => {
  const garbage = {
    header: {
      initiatorCookie: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      responderCookie: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
      exchange: 'quickMode',
      encrypted: true,
      commit: false,
      authenticationOnly: false,
      messageId: 7,
    },
    firstPayload: 8,
    body: new Uint8Array(64),
  } as const;

  test('what belongs to no SA is answered once a second for each source', () => {
    const gate = new Gate(gateConfig);
    const bytes = encodePacket(garbage);
    const kinds = (source: typeof elsewhere, nowMs: number) => gate.receive(bytes, source, at(nowMs)).kind;
    expect([0, 10, 999, 1001].map((nowMs) => kinds(elsewhere, nowMs))).toEqual(['refuse', 'drop', 'drop', 'refuse']);
    expect(kinds({ ...elsewhere, port: 4711 }, 1002)).toBe('drop');
    expect(kinds(initiatorEndpoint, 1002)).toBe('refuse');
  });

  test('no answer is larger than a complaint needs', () => {
    const verdict = new Gate(gateConfig).receive(encodePacket(garbage), elsewhere, at(0));
    expect(verdict.kind === 'refuse' && verdict.bytes.length).toBe(40);
  });

  test('aggressive mode is refused, no proposal in common and no NAT traversal too, each with its cause', () => {
    const refusals = (message: Uint8Array, config = gateConfig) => {
      const verdict = new Gate(config).receive(message, elsewhere, at(0));
      return verdict.kind === 'refuse' ? verdict.cause : verdict.kind;
    };
    const { header, chain } = decodeMessage(dialling().first);
    const aggressive = encodeMessage({ ...header, exchange: 'aggressive' }, chain.payloads);
    expect(refusals(aggressive)).toEqual({ code: 'aggressiveModeRefused' });
    const other = dialling({ ikeProposals: [{ cipher: '3des-cbc', hash: 'md5', group: 'modp1024' }] }).first;
    expect(refusals(other)).toEqual({ code: 'noProposalChosen', phase: 1, offered: ['3des-cbc/md5/modp1024/psk'] });
    const bare = encodeMessage(
      header,
      chain.payloads.filter(({ kind }) => kind !== 'vendorId'),
    );
    expect(refusals(bare)).toEqual({ code: 'natTraversalUnsupported' });
  });

  test('one source gets so many second messages, and so many machines', () => {
    const few = { burst: 3, perSecond: 1 };
    const gate = new Gate({ ...gateConfig, allowances: { answers: few, admissions: few } });
    const { first } = dialling();
    const answers = Array.from({ length: 5 }, () => gate.receive(first, elsewhere, at(0)).kind);
    expect(answers).toEqual(['answer', 'answer', 'answer', 'drop', 'drop']);
    const message = third(gate);
    const admissions = Array.from({ length: 5 }, () => gate.receive(message, initiatorEndpoint, at(0)).kind);
    expect(admissions).toEqual(['admit', 'admit', 'admit', 'drop', 'drop']);
    expect(gate.receive(message, initiatorEndpoint, at(2000)).kind).toBe('admit');
  });

  test('bytes of any kind are dropped or answered, and never thrown on', () => {
    const gate = new Gate(gateConfig);
    for (let length = 0; length < 200; length++) {
      expect(['drop', 'refuse']).toContain(gate.receive(crypto.random(length), elsewhere, at(length)).kind);
    }
  });

  test('what other implementations recorded is dropped, refused or answered', () => {
    const gate = new Gate({ ...gateConfig, ikeProposals: hostProposals('legacy').ike });
    const folder = new URL('../../vectors/pcaps/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.startsWith('isakmp') || name.startsWith('ISAKMP'));
    const verdicts = files.flatMap((file, i) =>
      readPcap(new URL(file, folder)).flatMap((captured) => {
        const bytes = udpOf(captured)?.payload;
        return bytes === undefined
          ? []
          : [gate.receive(bytes, { ...elsewhere, address: `10.0.0.${i}` }, at(i * 2000)).kind];
      }),
    );
    expect(verdicts.length).toBeGreaterThan(20);
    expect(new Set(verdicts)).toEqual(new Set(['drop', 'refuse'])); // MODP 768 alone, and what begins in the middle
  });

  test('a machine looks at so many bad public values and no more', () => {
    const gate = new Gate(gateConfig);
    const message = third(gate);
    const path = { port: 'ike', remote: initiatorEndpoint } as const;
    let machine = admitIke({ ...responderConfig, forceEncapsulation: true }, admitted(gate, message), path, at(0));
    const { header, chain } = decodeMessage(message);
    let agreements = 0;
    const counting = {
      ...crypto,
      dh: (group: Parameters<typeof crypto.dh>[0]) => {
        agreements += 1;
        return crypto.dh(group);
      },
    };
    for (let round = 0; round < 50; round++) {
      const payloads = chain.payloads.map((each) =>
        each.kind === 'keyExchange' ? { ...each, data: crypto.random(64) } : each,
      );
      const bytes = encodeMessage(header, payloads);
      machine = stepIke(machine, { kind: 'datagram', ...path, bytes }, { nowMs: 0, crypto: counting }).state;
    }
    expect(agreements).toBe(8);
    expect(toHex(header.initiatorCookie)).toHaveLength(16);
  });
});
