import { createHash } from 'node:crypto';

/** What a DHCP server knows one session of a user's device by. */
export interface LeaseIdentity {
  readonly clientId: Uint8Array;
  readonly hardwareAddress: Uint8Array;
}

const idBytes = 16;
/** Locally administered, of one station. */
const hardwarePrefix = 0x02;
const hardwareBytes = 6;

/**
 * The same each time for a user, a device and a place among its sessions, so that the server gives the same address again. Opaque,
 * since everybody on the LAN hears it; administrators know it by its beginning.
 */
export function leaseIdentity(user: string, hint: string, ordinal: number): LeaseIdentity {
  const hash = createHash('sha256')
    .update(JSON.stringify([user, hint, ordinal]))
    .digest();
  return {
    // RFC 2132 §9.14: type 0 is an identifier that is no hardware address.
    clientId: Uint8Array.of(0, ...Buffer.from('culvert '), ...hash.subarray(0, idBytes)),
    hardwareAddress: Uint8Array.of(hardwarePrefix, ...hash.subarray(idBytes, idBytes + hardwareBytes - 1)),
  };
}
