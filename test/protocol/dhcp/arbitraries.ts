import fc from 'fast-check';
import type { DhcpMessage, NamedOptions } from '../../../main/protocol/dhcp/index.ts';
import { masked } from '../../../main/protocol/ip/index.ts';
import { addressText } from '../../../main/protocol/wire/address.ts';

export const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(addressText);
const addresses = fc.array(ipv4, { minLength: 1, maxLength: 100 });
const u32 = fc.nat(0xffff_ffff);

export const network = fc
  .tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(32))
  .map(([bytes, length]) => `${addressText(masked(bytes, length))}/${length}`);
const routes = fc.array(fc.record({ network, router: ipv4 }), { maxLength: 200 });

const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
export const domain = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const text = fc.stringMatching(/^[a-zA-Z0-9 .é]{1,300}$/);

export const namedOptions: fc.Arbitrary<NamedOptions> = fc.record(
  {
    subnetMask: ipv4,
    routers: addresses,
    dnsServers: addresses,
    domainName: text,
    wins: addresses,
    requestedAddress: ipv4,
    leaseSeconds: u32,
    messageType: fc.integer({ min: 1, max: 8 }),
    server: ipv4,
    asksFor: fc.uint8Array({ maxLength: 600 }),
    maxMessageBytes: fc.nat(0xffff),
    renewalSeconds: u32,
    rebindingSeconds: u32,
    vendorClass: text,
    clientId: fc.uint8Array({ maxLength: 300 }),
    domainSearch: fc.array(domain, { maxLength: 20 }),
    classlessRoutes: routes,
    microsoftRoutes: routes,
  },
  { requiredKeys: [] },
);

export const fixedFields: fc.Arbitrary<Omit<DhcpMessage, 'options'>> = fc.record({
  op: fc.constantFrom('request', 'reply'),
  hops: fc.nat(255),
  xid: u32,
  secs: fc.nat(0xffff),
  broadcast: fc.boolean(),
  ciaddr: ipv4,
  yiaddr: ipv4,
  siaddr: ipv4,
  giaddr: ipv4,
  hardware: fc.record({ type: fc.nat(255), address: fc.uint8Array({ maxLength: 16 }) }),
});
