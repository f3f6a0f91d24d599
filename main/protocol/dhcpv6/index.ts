/** DHCPv6 as far as a client needs it that forms its addresses by itself (RFC 8415 §6.1): `answerInformation`. */
export { answerInformation } from './information.ts';
export { dhcpv6, duidOf, type Dhcpv6Message } from './message.ts';
