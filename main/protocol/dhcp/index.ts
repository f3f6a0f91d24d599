/**
 * DHCP for IPv4 (RFC 2131): messages, what the host answers to a client in its tunnel (`answerInform`), and a client of the office's
 * own server for one session (`startLease`, `stepLease`, `leaseDeadlineMs`).
 */
export { answerInform, type InformFacts } from './inform.ts';
export { anyIpv4, type DhcpMessage, messageTypes, readDhcp, writeDhcp } from './message.ts';
export { namedOptions, type NamedOptions, optionCode, type OptionName, optionValue } from './options.ts';
export * from './lease/index.ts';
