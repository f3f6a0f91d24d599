// The programs of the load tests that run inside a namespace: main.mjs NAME ORDER, with the order as JSON.
import { attack } from './attack.ts';
import { dial } from './dial.ts';
import type { AttackOrder, DialOrder } from './orders.ts';

const programs = {
  dial: (order: string) => dial(JSON.parse(order) as DialOrder),
  attack: (order: string) => attack(JSON.parse(order) as AttackOrder),
} as const;
export type ProgramName = keyof typeof programs;

const [name, order = '{}'] = process.argv.slice(2);
if (name === undefined || !(name in programs)) throw new Error(`no such program: ${String(name)}`);
await programs[name as ProgramName](order);
