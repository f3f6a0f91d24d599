import { phases } from '../../contracts/failure.ts';
import type { HostSession, HostStatus, SignInFailure, TrafficSample } from '../../contracts/host-control.ts';
import { bytesText, countText, durationText, momentText, printable, table } from '../../host/words/format.ts';
import { asTyped } from '../as-typed.ts';
import { reasonTexts } from '../../host/words/reasons.ts';

/** How the host is, and who is online, for people. */

export function describeStatus(status: HostStatus, failures: readonly SignInFailure[], nowMs: number): string {
  const { configuration, sessions, halfOpen, signIns } = status;
  const rows: (readonly [string, string])[] = [
    ['Configuration', describeConfiguration(configuration)],
    ...status.listening.map(
      ({ address, ikePort, natTraversalPort }) =>
        ['Listens on', `${address}, UDP ${ikePort} and ${natTraversalPort}`] as const,
    ),
    ['Sessions', `${sessions.online} of at most ${sessions.limit}; ${sessions.sinceStart} since the start`],
    ...(status.traffic === undefined ? [] : [['Traffic', describeTraffic(status.traffic)] as const]),
    ['Negotiating', `${halfOpen.now} of at most ${halfOpen.limit}`],
    ['Sign-ins', `${signIns.succeeded} succeeded, ${signIns.failed} failed`],
    ...status.pools.map(
      ({ name, addresses, taken }) =>
        [`Pool ${name}`, `${taken} of ${countText(addresses, 'address', 'addresses')} taken`] as const,
    ),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const uptime = durationText((nowMs - Date.parse(status.startedAt)) / 1000);
  return [
    `The host has been up for ${uptime} (Culvert ${status.version}, process ${status.processId})`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    ...status.concerns.map((concern) => `  Attention: ${asTyped(printable(concern))}`),
    ...(failures.length === 0
      ? []
      : [
          '  Did not get in lately:',
          ...failures.map((one) => `    ${describeFailedSignIn(one)}`),
          ...remedies(failures),
        ]),
  ].join('\n');
}

/** For who has just started it. */
export function describeStart({ listening, configuration }: HostStatus): string {
  const places = listening.map(
    ({ address, ikePort, natTraversalPort }) => `${address} (UDP ${ikePort}, ${natTraversalPort})`,
  );
  return [
    `The host is up on ${places.join(' and ')}, with ${configuration.file}.`,
    asTyped('Ctrl-C ends it. In another terminal, "sudo culvert host sessions" shows who is online.'),
  ].join('\n');
}

function describeTraffic({ receivedBytesPerSecond, sentBytesPerSecond }: TrafficSample): string {
  const [received, sent] = [receivedBytesPerSecond, sentBytesPerSecond].map((bytes) => `${bytesText(String(bytes))}/s`);
  return `${received ?? ''} from clients, ${sent ?? ''} to them`;
}

function describeConfiguration({ file, loadedAt, warnings }: HostStatus['configuration']): string {
  const doubts =
    warnings === 0 ? '' : `, ${countText(warnings, 'warning')} (${asTyped('"culvert host check" shows them')})`;
  return `${file}, read ${momentText(loadedAt)}${doubts}`;
}

export function describeFailedSignIn({ at, source, user, phase, reason }: SignInFailure): string {
  const who = user === undefined ? source : `${printable(user)} from ${source}`;
  return `${momentText(at)}  ${who}: ${reasonTexts[reason].what} [${reason}, ${phases[phase].title}]`;
}

/** One for each reason, however many it kept out. */
function remedies(failures: readonly SignInFailure[]): readonly string[] {
  const reasons = [...new Set(failures.map(({ reason }) => reason))];
  return ['  What to do:', ...reasons.map((reason) => `    ${reason}: ${asTyped(reasonTexts[reason].fix)}`)];
}

export function describeSessions(sessions: readonly HostSession[], nowMs: number): string {
  return table(
    ['SESSION', 'USER', 'GROUPS', 'FROM', 'ADDRESS', 'ONLINE', 'RECEIVED', 'SENT', 'CLIENT', 'CIPHERS'],
    sessions.map((one) => [
      String(one.session),
      one.user,
      one.groups.join(', '),
      endpointText(one.from),
      one.address,
      durationText((nowMs - Date.parse(one.since)) / 1000),
      bytesText(one.receivedBytes),
      bytesText(one.sentBytes),
      one.hostName === '' ? one.client : `${one.client} (${one.hostName})`,
      `${one.ike}; ${one.esp}`,
    ]),
  );
}

function endpointText({ address, port }: HostSession['from']): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
