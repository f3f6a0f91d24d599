import type { FigureName } from '../measures/index.ts';
import type { System } from '../system.ts';
import { comparedMeasures, rivals, variants } from './ratios.ts';
import type { Medians, Problem } from './results.ts';
import { figure, type Row, table } from './table.ts';
import { targets, verdictOf } from './targets.ts';

interface Column {
  readonly heading: string;
  readonly measure: string;
  readonly figure: FigureName;
  /** What the figure is divided by, to be shown. */
  readonly unit?: number;
}

const processors: readonly Column[] = [
  { heading: 's/GB near', measure: 'tcp1', figure: 'nearSecondsPerGigabyte' },
  { heading: 's/GB far', measure: 'tcp1', figure: 'farSecondsPerGigabyte' },
];

const columns: readonly Column[] = [
  { heading: '1 stream', measure: 'tcp1', figure: 'gigabitsPerSecond' },
  { heading: '8 streams', measure: 'tcp8', figure: 'gigabitsPerSecond' },
  { heading: 'each way', measure: 'tcpboth', figure: 'gigabitsPerSecond' },
  { heading: '8 in 8 sessions', measure: 'tcp8spread', figure: 'gigabitsPerSecond' },
  ...processors,
  { heading: 'UDP 1300', measure: 'udp1300', figure: 'packetsPerSecond', unit: 1000 },
  { heading: 'UDP 64', measure: 'udp64', figure: 'packetsPerSecond', unit: 1000 },
  { heading: 'ping 50%', measure: 'latency', figure: 'medianMs' },
  { heading: 'ping 99%', measure: 'latency', figure: 'percentile99Ms' },
  { heading: 'lost %', measure: 'latency', figure: 'lostShare', unit: 0.01 },
];

const legend = [
  'TCP in Gbit/s, in total. Processor seconds of the VPN per gigabyte of the one stream, at the client (near) and the',
  'gateway (far). UDP in thousands of packets a second with at most 0.1% lost. Ping in ms while one TCP stream runs; lost',
  'are pings.',
].join('\n');

function systemTable(systems: readonly System[], medians: Medians): string {
  const value = ({ name }: System, { measure, figure: wanted, unit = 1 }: Column): number | undefined => {
    const median = medians(name, measure, wanted);
    return median === undefined ? undefined : median / unit;
  };
  const shown = columns.filter((column) => systems.some((system) => value(system, column) !== undefined));
  const rows = systems.map((system): Row => [system.title, ...shown.map((column) => figure(value(system, column)))]);
  return table(['', ...shown.map(({ heading }) => heading)], rows);
}

function rivalTable(ratios: Readonly<Record<string, number>>): string {
  const rows = variants
    .flatMap((variant) =>
      comparedMeasures.map((measure): Row => [
        `${measure}_${variant}`,
        ...rivals.map((rival) => figure(ratios[`${measure}_${variant}_${rival}`])),
      ]),
    )
    .filter(([, ...cells]) => cells.some((cell) => cell !== figure(undefined)));
  return rows.length === 0 ? '' : table(['Culvert over', ...rivals], rows);
}

function targetTable(ratios: Readonly<Record<string, number>>): string {
  if (!targets.some(({ ratio }) => ratio in ratios)) return '';
  const rows = targets.map((target): Row => [
    target.ratio,
    figure(ratios[target.ratio]),
    `${target.bound === 'atLeast' ? '≥' : '≤'} ${target.value}`,
    verdictOf(target, ratios[target.ratio]),
  ]);
  return table(['target', 'measured', 'wanted', 'verdict'], rows);
}

function problemLines(problems: readonly Problem[]): string {
  return problems
    .map(({ kind, system, measure, reason }) => {
      const what = measure === undefined ? system : `${system}, ${measure}`;
      return `${kind === 'wrongBytes' ? 'WRONG BYTES' : kind}: ${what}: ${reason.trim().replaceAll('\n', '\n    ')}`;
    })
    .join('\n');
}

export interface Outcome {
  readonly systems: readonly System[];
  readonly medians: Medians;
  readonly ratios: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
  readonly runs: number;
}

/** All of it, for a person. */
export function textOf({ systems, medians, ratios, problems, runs }: Outcome): string {
  const compared = systems.filter(({ kind }) => kind !== 'sessions');
  const withSessions = systems.filter(({ kind }) => kind === 'sessions');
  const parts = [
    `Medians of ${runs} ${runs === 1 ? 'round' : 'rounds'}.\n${legend}`,
    ...[compared, withSessions].filter((group) => group.length > 0).map((group) => systemTable(group, medians)),
    rivalTable(ratios),
    targetTable(ratios),
    problems.length === 0 ? '' : `Not measured:\n${problemLines(problems)}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
