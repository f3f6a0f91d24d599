/**
 * Addresses for clients: what the configuration gives (`addressPlan`), who gets which (`createAllocator`), and what of it survives
 * a restart (`openLeaseJournal`); what the DHCP server of a LAN gives instead (`DhcpSources`); and all of it together, by session
 * (`AddressSupply`).
 */
export { createAllocator, type AddressAllocator, type Allocation, type Lease } from './allocator.ts';
export { mayRelay } from './dhcp/socket.ts';
export { DhcpSources } from './dhcp/sources.ts';
export { openLeaseJournal, type LeaseJournal } from './journal.ts';
export { addressPlan, ipv6PrefixFor, type AddressPlan } from './plan.ts';
export type { LeaseSource, Lent } from './lease-source.ts';
export { AddressSupply, reservedAddresses } from './supply.ts';
