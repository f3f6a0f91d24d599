import { asTyped } from '../as-typed.ts';
import type { HostCheck, HostProposal } from '../../contracts/host-guide.ts';

const subjects: Readonly<Record<HostCheck['subject'], string>> = {
  ports: 'Ports',
  address: 'Address',
  firewall: 'Firewall',
  forwarding: 'Forwarding',
  tunnelDevice: 'Tunnel device',
};

const marks: Readonly<Record<HostCheck['verdict'], string>> = {
  good: 'ok',
  doubt: 'look',
  bad: 'bad',
  unknown: '?',
};

const markWidth = Math.max(...Object.values(marks).map(({ length }) => length));
const subjectWidth = Math.max(...Object.values(subjects).map(({ length }) => length));

export function describeChecks(checks: readonly HostCheck[]): string {
  return checks.map(describeCheck).join('\n');
}

function describeCheck({ subject, verdict, what, fix, commands }: HostCheck): string {
  const indent = ' '.repeat(markWidth + subjectWidth + 6);
  return [
    `  ${marks[verdict].padEnd(markWidth)}  ${subjects[subject].padEnd(subjectWidth)}  ${what}`,
    ...(fix === undefined ? [] : [`${indent}${asTyped(fix)}`]),
    ...commands.map((command) => `${indent}  ${command}`),
  ].join('\n');
}

export function describeProposal({ checks, pool, address, isSetUp, configFile }: HostProposal): string {
  return [
    describeChecks(checks),
    `A network for clients that overlaps nothing: ${pool}`,
    ...(address === undefined ? [] : [`The address of this machine: ${address}`]),
    isSetUp ? `${configFile} is there already.` : `A host would be set up in ${configFile}.`,
  ].join('\n');
}
