import { phases } from '../contracts/failure.ts';
import type { AppState } from '../contracts/app-state/index.ts';
import type { LogLine } from '../contracts/app-state/log.ts';
import type { Redactor } from './redact.ts';

export interface ReportParts {
  readonly state: AppState;
  /** Names and versions: of the runtime, of the system. */
  readonly versions: Readonly<Record<string, string>>;
  readonly network: readonly string[];
  readonly log: readonly LogLine[];
  readonly now: number;
}

/** One text that a user can read, and send to whoever helps them. Pure; what it is made of holds no secret to begin with. */
export function writeReport({ state, versions, network, log, now }: ReportParts, redactor: Redactor): string {
  const sections: Readonly<Record<string, readonly string[]>> = {
    [`Culvert report of ${new Date(now).toISOString()}`]: [
      'User names, gateways and public addresses are replaced by words; passwords and keys are never in it.',
      'Please look through it before you send it.',
    ],
    Versions: Object.entries({ Culvert: state.program.version, ...versions }).map(([name, is]) => `${name} ${is}`),
    Connection: connectionLines(state.connection),
    Profiles: [
      ...state.profiles.entries.map(
        ({ name, gateway, mode, killSwitch, security }) =>
          `${name}: ${gateway}, ${mode}, ${security}${killSwitch ? ', kill switch' : ''}`,
      ),
      ...state.profiles.broken.map(({ failure }) => failure.cause),
    ],
    Settings: [JSON.stringify(state.settings)],
    Network: network,
    Log: log.map(({ at, level, source, text }) => `${new Date(at).toISOString()} ${level} ${source}: ${text}`),
  };
  const text = Object.entries(sections).map(([title, lines]) =>
    [title, '-'.repeat(title.length), ...(lines.length === 0 ? ['none'] : lines), ''].join('\n'),
  );
  return redactor.redact(text.join('\n'));
}

function connectionLines(connection: AppState['connection']): string[] {
  if (!('phases' in connection)) return [connection.at];
  const shown = connection.phases.map((view) => {
    const detail = view.state === 'done' ? `: ${view.detail} (${Math.round(view.tookMs)} ms)` : '';
    return `${phases[view.phase].title}: ${view.state}${detail}`;
  });
  const summary = connection.at === 'connected' ? [JSON.stringify(connection.summary)] : [];
  const failed = 'failure' in connection ? [connection.failure] : [];
  return [
    `${connection.at}, ${connection.target.name}`,
    ...shown,
    ...summary,
    ...failed.map(({ code, cause, fix }) => `[${code}] ${cause} ${fix}`),
    ...connection.notes.map(({ at, text }) => `${new Date(at).toISOString()} ${text}`),
  ];
}
