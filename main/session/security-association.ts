import type { DatapathRequest } from '../contracts/helper.ts';
import type { ChildKeys, IkeEffect } from '../protocol/ike/index.ts';
import { concat } from '../protocol/wire/bytes.ts';

/** An IPsec SA pair as the datapath is asked to install it. */

type ChildEstablished = Extract<IkeEffect, { kind: 'childEstablished' }>;
type InstallSa = Extract<DatapathRequest, { kind: 'installSa' }>;

const replayWindowPackets = 4096;

/** The keys move to the attachment: those in the effect are wiped. */
export function installSa(
  path: number,
  child: ChildEstablished,
): { readonly kind: 'datapath'; readonly request: Omit<InstallSa, 'id'>; readonly attachment: Uint8Array } {
  const bytes = child.lifetimeKilobytes === undefined ? undefined : BigInt(child.lifetimeKilobytes) * 1024n;
  return {
    kind: 'datapath',
    request: {
      kind: 'installSa',
      path,
      inbound: association(child.inboundSpi, child, child.inboundKeys),
      outbound: association(child.outboundSpi, child, child.outboundKeys),
      replayWindowPackets,
      ...(bytes !== undefined && {
        // The other half has to last until it is renewed, on the fastest of links.
        softBytes: String(bytes / 2n),
        hardBytes: String(bytes),
      }),
    },
    attachment: takeKeys(child.inboundKeys, child.outboundKeys),
  };
}

function association(spi: number, { suite }: ChildEstablished, keys: ChildKeys): InstallSa['inbound'] {
  return {
    spi,
    cipher: suite.cipher,
    integrity: suite.integrity,
    cipherKeyBytes: keys.cipherKey.length,
    integrityKeyBytes: keys.integrityKey.length,
  };
}

/** Joins the keys as the contract wants them, and wipes the originals. */
function takeKeys(inbound: ChildKeys, outbound: ChildKeys): Uint8Array {
  const parts = [inbound.cipherKey, inbound.integrityKey, outbound.cipherKey, outbound.integrityKey];
  const joined = concat(...parts);
  for (const part of parts) part.fill(0);
  return joined;
}
