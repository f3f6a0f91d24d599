import { type DhcpMessage, messageTypes, namedOptions, readDhcp } from '../../../main/protocol/dhcp/index.ts';
import { addressBytes } from '../../../main/protocol/wire/address.ts';
import { concat } from '../../../main/protocol/wire/bytes.ts';

/**
 * A DHCPINFORM as Windows sends it once PPP is up: to the broadcast address, from the address that it was given, asking for what
 * Windows 10 lists (field notes; the order is that of its DHCP client).
 */
export function windowsInform(address: string, xid = 0x2f6ac17e): DhcpMessage {
  return {
    ...fixed(address, xid),
    hardware: { type: 8, address: concat(Uint8Array.of(0x00, 0x53, 0x45, 0x00), new Uint8Array(2)) },
    options: namedOptions({
      messageType: messageTypes.inform,
      clientId: Uint8Array.of(8, 0x00, 0x53, 0x45, 0x00, 0, 0),
      vendorClass: 'MSFT 5.0',
      asksFor: Uint8Array.of(6, 44, 43, 1, 249, 121, 15),
    }),
  };
}

/** As Apple's pppd builds it byte by byte: hardware type 8, a client ID of type 8, six wishes, the end, padding. */
export function appleInform(address: string, xid = 1): { readonly bytes: Uint8Array; readonly message: DhcpMessage } {
  const head = new Uint8Array(236);
  const view = new DataView(head.buffer);
  head.set([1, 8, 6, 0]);
  view.setUint32(4, xid);
  head.set(addressBytes(address) ?? [], 12);
  head.set([0, 0, 0, 1], 28);
  const wishes = [55, 6, 6, 46, 44, 1, 121, 15];
  const options = [0x63, 0x82, 0x53, 0x63, 53, 1, 8, 61, 7, 8, 0, 0, 0, 1, 0, 0, ...wishes, 255, 0, 0];
  const bytes = concat(head, Uint8Array.from(options));
  return { bytes, message: readDhcp(bytes) };
}

function fixed(ciaddr: string, xid: number) {
  const none = '0.0.0.0';
  const addresses = { ciaddr, yiaddr: none, siaddr: none, giaddr: none };
  return { op: 'request', hops: 0, xid, secs: 0, broadcast: false, ...addresses } as const;
}
