/**
 * Addresses for clients: what the configuration gives (`addressPlan`), who gets which (`createAllocator`), and what of it survives
 * a restart (`openLeaseJournal`); and what the DHCP server of a LAN gives instead (`DhcpSources`).
 */
export {
  createAllocator,
  type AddressAllocator,
  type AddressRequest,
  type Allocation,
  type KnownLeases,
  type Lease,
} from './allocator.ts';
export { type DhcpSource, DhcpSources } from './dhcp/sources.ts';
export { openLeaseJournal, type LeaseJournal } from './journal.ts';
export { addressPlan, ipv6PrefixFor, type AddressPlan, type PoolPlan } from './plan.ts';
