import { isBusy, type MachineFacts } from '../bench/report/machine.ts';
import { figure, table } from '../bench/report/table.ts';
import { type LoadFigures, perSecond, verdicts } from './figures.ts';

/** What a run found, for a terminal. */
export function describeFigures(figures: LoadFigures, machine: MachineFacts): string {
  const { up, down, rounds, sessions, addresses, leftovers } = figures;
  const failed = [...up.failed, ...down.failed];
  const from = addresses === 1 ? 'one address' : `${addresses} addresses`;
  return [
    `${machine.processor}, ${machine.cores} processors, Linux ${machine.kernel}`,
    ...(isBusy(machine) ? ['The machine was busy before the run: figures of time say little.'] : []),
    '',
    `${up.online} of ${sessions} sessions from ${from} came up, ${figure(perSecond(figures))} a second, ${up.ike}, ${up.esp}`,
    ...failed.slice(0, mostFailures).map(({ client, code, detail }) => `  client ${client}: ${code} ${detail}`),
    `${rounds.length} more rounds of packets: ${rounds.map(({ answered }) => answered).join(', ')} answered`,
    `goodbyes took ${seconds(down.tookMs)}; left: ${leftovers.sessions} sessions, ${leftovers.leases} addresses, ` +
      `network ${[...leftovers.network, ...leftovers.networkAfterHost].join(', ') || 'as before'}`,
    '',
    table(
      ['from the first message, ms', 'median', '95 %', 'largest'],
      [
        ['until connected', ...row(up.connectedMs)],
        ['until the first answer through the tunnel', ...row(up.answeredMs)],
      ],
    ),
    '',
    ...processTable(figures),
    '',
    ...verdicts(figures).map(({ what, met }) => `${met ? 'met' : 'NOT MET'}  ${what}`),
  ].join('\n');
}

const mostFailures = 10;

function processTable({ host, clientsProcessorMs, sessions }: LoadFigures): readonly string[] {
  const each = (ms: number) => figure(ms / sessions);
  const { before, with: most } = host.memoryBytes;
  return [
    table(
      ['', 'memory, MB', 'processor, ms a session'],
      [
        ...Object.entries(host.memoryByProcess).map(([name, bytes]) => [
          `host: ${name}`,
          figure(megabytes(bytes)),
          each(host.processorMs[name] ?? 0),
        ]),
        ['all clients', '', each(clientsProcessorMs)],
      ],
    ),
    `the host in all: ${figure(megabytes(before))} MB before the first session, ${figure(megabytes(most))} MB with all, ` +
      `${figure((most - before) / sessions / 1000)} kB a session`,
  ];
}

function row({ median, p95, largest }: { median: number; p95: number; largest: number }): readonly string[] {
  return [median, p95, largest].map((ms) => ms.toFixed(0));
}

function megabytes(bytes: number): number {
  return bytes / 1_000_000;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
