import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { type AttackName, attacks } from '../hostile/attacks.ts';
import { type AttackOrder, attackOrder, type AttackReport, strangerAddress } from './orders.ts';

/** Does to a host what the order says, and tells what came of it. */
export async function attack(input: AttackOrder): Promise<void> {
  const { attack: name, strangers, count, seconds, ...clients } = attackOrder.parse(input);
  if (!(name in attacks)) throw new RangeError(`no such attack: ${name}`);
  const crypto = await createCrypto();
  const begun = (): void => {
    report({ report: 'begun' });
  };
  const stage = { clients, strangers: Array.from({ length: strangers }, (_, i) => strangerAddress(i)), crypto };
  const facts = await attacks[name as AttackName]({ ...stage, count, seconds, begun });
  report({ report: 'over', facts });
}

function report(line: AttackReport): void {
  console.log(JSON.stringify(line));
}
