import type { LogLine } from '../../contracts/app-state/log.ts';
import type { ConnectionEvent } from '../../contracts/events.ts';
import { phases } from '../../contracts/failure.ts';

/** What the log says of an event; undefined where another line says it already. */
export function logLineOf(event: ConnectionEvent): [LogLine['level'], string, string] | undefined {
  switch (event.event) {
    case 'dialling':
      return ['info', 'connection', `Connecting to ${event.gateway}, attempt ${event.attempt}`];
    case 'phase': {
      const { title } = phases[event.phase];
      if (event.state === 'started') return ['debug', 'connection', `${title} …`];
      return ['info', 'connection', `${title}: ${event.detail} (${Math.round(event.tookMs)} ms)`];
    }
    case 'connected': {
      const { localAddress, tunnelName, ikeSuite, espSuite, mtuBytes } = event.connection;
      const facts = `${localAddress} on ${tunnelName}, ${ikeSuite}; ${espSuite}, MTU ${mtuBytes}`;
      return ['info', 'connection', `Connected in ${Math.round(event.atMs)} ms: ${facts}`];
    }
    case 'note':
      return ['info', 'connection', event.text];
    case 'failed': {
      const { phase, code, cause, fix } = event.failure;
      return ['error', 'connection', `${phases[phase].title} failed [${code}]: ${cause} ${fix}`];
    }
    case 'prompting':
      return ['info', 'connection', 'Asking the user'];
    case 'waiting':
      return ['info', 'connection', `Connecting again in ${event.seconds} s`];
    case 'disconnected':
      return ['info', 'connection', `Not connected [${event.failure.code}]; the network is as it was`];
  }
}
