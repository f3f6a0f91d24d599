import type { ConnectionEvent, ConnectionStatus } from '../contracts/events.ts';
import { type Failure, phases } from '../contracts/failure.ts';
import { asTyped } from './as-typed.ts';

const phaseWidth = Math.max(...Object.values(phases).map(({ title }) => title.length));

/** What happened, for people: a line each. `undefined`: nothing worth a line. */
export function describeEvent(event: ConnectionEvent): string | undefined {
  switch (event.event) {
    case 'dialling':
      return event.attempt === 1 ? `Connecting to ${event.gateway}` : `Connecting again (attempt ${event.attempt})`;
    case 'phase':
      if (event.state === 'started') return undefined;
      return `  ${phases[event.phase].title.padEnd(phaseWidth)} ${milliseconds(event.tookMs)}  ${event.detail}`;
    case 'connected': {
      const { localAddress, tunnelName, mtuBytes, espSuite } = event.connection;
      return `Connected in ${milliseconds(event.atMs).trim()}: ${localAddress} on ${tunnelName}, ${espSuite}, MTU ${mtuBytes}`;
    }
    case 'note':
      return `  ${event.text}`;
    case 'failed':
      return describeFailure(event.failure);
    case 'waiting':
      return `Connecting again in ${event.seconds} s`;
    case 'prompting':
      return undefined; // the prompt itself is on the terminal
    case 'disconnected':
      return `${event.failure.code === 'user.stopped' ? 'Disconnected' : 'Not connected'}; the network is as it was.`;
  }
}

export function describeFailure(failure: Failure): string {
  return [
    `${phases[failure.phase].title} failed [${failure.code}]`,
    `  What happened: ${failure.cause}`,
    `  What to do:    ${asTyped(failure.fix)}`,
  ].join('\n');
}

/** Of what is no connection, and so has no phases. */
export function describeRefusal({
  code,
  cause,
  fix,
}: { readonly code: string } & Pick<Failure, 'cause' | 'fix'>): string {
  return `${cause} [${code}]\n  What to do: ${asTyped(fix)}`;
}

export function describeStatus(status: ConnectionStatus): string {
  const lines = [`${status.name}: ${describeState(status)} (process ${status.processId})`];
  const { connection } = status;
  if (connection !== undefined) {
    lines.push(
      `  Gateway   ${connection.gatewayAddress} (${connection.gatewayIdentity})`,
      `  Address   ${connection.localAddress} on ${connection.tunnelName}, MTU ${connection.mtuBytes}`,
      `  Ciphers   ${connection.ikeSuite}; ${connection.espSuite}`,
      `  Sign-in   ${connection.authentication}`,
      `  Routes    ${connection.routes.join(', ')}`,
      `  DNS       ${connection.dnsServers.join(', ') || 'unchanged'}`,
      `  Traffic   ${status.receivedBytes ?? '0'} bytes received, ${status.sentBytes ?? '0'} sent`,
    );
  }
  if (status.lastFailure !== undefined) lines.push(`  Last failure: ${status.lastFailure.cause}`);
  return lines.join('\n');
}

function describeState(status: ConnectionStatus): string {
  if (status.state === 'connected') return `connected for ${status.connectedSeconds ?? 0} s`;
  return status.phase === undefined ? status.state : `${status.state}, ${phases[status.phase].title}`;
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`.padStart(8);
}
