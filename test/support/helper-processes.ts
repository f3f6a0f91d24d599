import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './processes.ts';

/** The native helper's three processes: the warden's child is the broker, whose child is the datapath. */
export interface HelperProcesses {
  readonly warden: number;
  readonly broker: number;
  readonly datapath: number;
}

/** What proc(5) says of a process from its state on, the third field: after its name in parentheses. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

export function isAlive(pid: number): boolean {
  const [state] = statFields(pid);
  return state !== undefined && state !== 'Z';
}

/** Waits for the first child of a process. */
export function childOf(parent: number): Promise<number> {
  return eventually(`a child of process ${parent}`, 5000, () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => Number(statFields(pid)[1]) === parent),
  );
}

export async function helperProcesses(warden: number): Promise<HelperProcesses> {
  const broker = await childOf(warden);
  return { warden, broker, datapath: await childOf(broker) };
}

export function pidsOf({ warden, broker, datapath }: HelperProcesses): number[] {
  return [warden, broker, datapath];
}
