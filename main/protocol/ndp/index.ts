/** IPv6 neighbour discovery as far as a router on a link to one peer needs it (RFC 4861, RFC 4191, RFC 8106). */
export type { NdOption } from './options.ts';
export {
  isRouterSolicitation,
  readRouterAdvertisement,
  type RouterAdvertisement,
  writeRouterAdvertisement,
} from './router.ts';
