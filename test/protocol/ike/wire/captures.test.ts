import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCrypto } from '../../../../main/engine/crypto/index.ts';
import { natDetectionHash } from '../../../../main/protocol/ike/keys.ts';
import {
  type Message,
  decodeMessage,
  decodePacket,
  encodeMessage,
  find,
  findAll,
  vendorName,
} from '../../../../main/protocol/ike/wire/index.ts';
import { fromHex, toHex } from '../../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../../main/protocol/wire/error.ts';
import { readPcap, udpOf } from '../../../support/pcap.ts';

const folder = new URL('../../../vectors/pcaps/', import.meta.url);

/** The IKE messages of a capture, from port 500 as they are and from 4500 behind the non-ESP marker. */
function messagesOf(file: string): Uint8Array[] {
  return readPcap(new URL(file, folder)).flatMap((frame) => {
    const { destinationPort, payload } = udpOf(frame) ?? {};
    if (payload === undefined) return [];
    if (destinationPort === 500) return [payload];
    return destinationPort === 4500 && toHex(payload.subarray(0, 4)) === '00000000' ? [payload.subarray(4)] : [];
  });
}

function clearMessagesOf(file: string): Message[] {
  return messagesOf(file)
    .filter((bytes) => !decodePacket(bytes).header.encrypted)
    .map(decodeMessage);
}

describe('a main mode between two Cisco routers', () => {
  const messages = clearMessagesOf('ISAKMP_sa_setup.pcap');

  test('offers one transform and names its NAT traversal', () => {
    const [first] = messages;
    expect(first && find(first.chain, 'securityAssociation')?.proposals).toEqual([
      {
        number: 1,
        protocol: 'isakmp',
        spi: new Uint8Array(),
        transforms: [
          {
            number: 1,
            transform: 'keyIke',
            encryption: 'aes-cbc',
            keyBits: 128,
            hash: 'sha1',
            group: 'modp768',
            authentication: 'psk',
            lifeSeconds: 86400,
          },
        ],
      },
    ]);
    expect(first && findAll(first.chain, 'vendorId').map(({ id }) => vendorName(id))).toEqual([
      'natTraversalDraft07',
      'natTraversalDraft03',
      'natTraversalDraft02Newline',
    ]);
  });

  test('exchanges keys in messages 3 and 4', () => {
    expect(messages.slice(2).map(({ chain }) => find(chain, 'keyExchange')?.data.length)).toEqual([96, 96]);
    expect(messages.slice(2).map(({ chain }) => find(chain, 'nonce')?.data.length)).toEqual([20, 20]);
  });

  test('is followed by encrypted messages in whole blocks', () => {
    const packets = messagesOf('ISAKMP_sa_setup.pcap').map(decodePacket).slice(4);
    expect(packets.map(({ header, body }) => [header.encrypted, header.exchange, body.length % 16])).toEqual([
      [true, 'mainMode', 0],
      [true, 'mainMode', 0],
      [true, 'quickMode', 0],
      [true, 'quickMode', 0],
      [true, 'quickMode', 0],
    ]);
  });
});

describe('a main mode through a NAT', () => {
  const messages = clearMessagesOf('isakmp4500.pcap');

  test('states the hash of the address and port it sends to, as this side computes it', async () => {
    const crypto = await createCrypto();
    const { header, chain } = messages[2] ?? expect.unreachable();
    const cookies = { initiator: header.initiatorCookie, responder: header.responderCookie };
    const responder = natDetectionHash(crypto, 'md5', cookies, fromHex('c0010217'), 500); // 192.1.2.23
    const natOutside = natDetectionHash(crypto, 'md5', cookies, fromHex('c00102fe'), 500); // 192.1.2.254
    const stated = findAll(chain, 'natDetection').map(({ data }) => toHex(data));
    expect(stated[0]).toBe(toHex(responder));
    expect(stated[1]).not.toBe(toHex(natOutside)); // the initiator knows only its inside address
  });
});

describe('every packet of every capture, from any of its bytes on, is read or refused with a WireError', () => {
  test.each(readdirSync(folder).filter((file) => file.startsWith('isakmp') || file.startsWith('ISAKMP')))(
    '%s',
    (file) => {
      for (const frame of readPcap(new URL(file, folder))) {
        for (let start = 0; start < frame.length; start++) {
          try {
            const { header, chain } = decodeMessage(frame.subarray(start));
            encodeMessage(header, chain.payloads);
          } catch (error) {
            if (!(error instanceof WireError)) throw error;
          }
        }
      }
    },
  );
});
