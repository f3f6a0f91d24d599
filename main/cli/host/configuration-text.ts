import type { ConfigurationVersion, HostAnswer } from '../../contracts/host-control.ts';
import type { Problem } from '../../host/configuration/index.ts';
import { asTyped } from '../as-typed.ts';
import { countText, momentText, printable, table } from '../../host/words/format.ts';

/** Two lines each, the first as compilers write it, so that editors find the place. */
export function describeProblems(file: string, problems: readonly Problem[]): string {
  return problems
    .map(({ severity, path, what, fix, line, column }) => {
      const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
      return `${place}: ${severity}: ${printable(path === '' ? 'the file' : path)} ${printable(what)}\n    ${asTyped(printable(fix))}`;
    })
    .join('\n');
}

export function describeVerdict(file: string, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  if (errors > 0)
    return `${file} cannot be used: ${countText(errors, 'error')}. More may show once these are corrected.`;
  return warnings === 0 ? `${file} is right.` : `${file} can be used, with ${countText(warnings, 'warning')}.`;
}

export function describeReloaded({ members, sessionsEnded }: Extract<HostAnswer, { answer: 'reloaded' }>): string {
  if (members.length === 0) return 'Nothing has changed.';
  const ended = sessionsEnded === 0 ? 'no session had to end' : `${countText(sessionsEnded, 'session')} had to end`;
  return `In force now: ${members.map(printable).join(', ')}; ${ended}.`;
}

export function describeVersions(versions: readonly ConfigurationVersion[]): string {
  if (versions.length === 0) return 'No earlier version is kept yet.';
  return table(
    ['VERSION', 'KEPT SINCE'],
    versions.map(({ number, savedAt }) => [String(number), momentText(savedAt)]),
  );
}
