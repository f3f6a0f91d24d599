import { createHash } from 'node:crypto';
import plist from 'plist';
import type { ClientFacts } from './facts.ts';

/** A configuration profile for macOS, iOS and iPadOS (Device Management, com.apple.vpn.managed). */
export function mobileConfiguration(facts: ClientFacts): string {
  const { name, server, user, preSharedKey, tunnel } = facts;
  const identifier = `culvert.vpn.${name}`;
  const what = `VPN ${name}`;
  return `${plist.build({
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: stableUuid(`${server} ${name} profile`),
    PayloadDisplayName: what,
    PayloadDescription: `Connects to ${server}. The password is asked for.`,
    PayloadContent: [
      {
        PayloadType: 'com.apple.vpn.managed',
        PayloadVersion: 1,
        PayloadIdentifier: `${identifier}.l2tp`,
        PayloadUUID: stableUuid(`${server} ${name} l2tp`),
        PayloadDisplayName: what,
        UserDefinedName: name,
        VPNType: 'L2TP',
        PPP: { CommRemoteAddress: server, TokenCard: false, ...(user !== undefined && { AuthName: xmlText(user) }) },
        // A group name (LocalIdentifier) would have it begin in aggressive mode.
        IPSec: {
          AuthenticationMethod: 'SharedSecret',
          ...(preSharedKey !== undefined && { SharedSecret: Buffer.from(preSharedKey.expose(), 'utf8') }),
        },
        IPv4: { OverridePrimary: tunnel === 'full' ? 1 : 0 },
      },
    ],
  })}\n`;
}

/** The two characters of a user's name that XML 1.0 has no way to write (§2.2). */
function xmlText(text: string): string {
  return text.replaceAll(/[\ufffe\uffff]/g, '');
}

/** The same for the same connection, so that a newer profile replaces the one before (RFC 9562 §5.8). */
export function stableUuid(of: string): string {
  const bytes = createHash('sha256').update(`culvert ${of}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const text = bytes.toString('hex');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
