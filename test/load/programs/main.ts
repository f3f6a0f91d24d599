// The programs of the load tests that run inside a namespace: main.mjs NAME ORDER, with the order as JSON.
import { dial } from './dial.ts';
import type { DialOrder } from './orders.ts';

const programs = { dial: (order: string) => dial(JSON.parse(order) as DialOrder) } as const;
export type ProgramName = keyof typeof programs;

const [name, order = '{}'] = process.argv.slice(2);
if (name === undefined || !(name in programs)) throw new Error(`no such program: ${String(name)}`);
await programs[name as ProgramName](order);
