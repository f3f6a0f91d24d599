import { checkHostConfig } from './check.ts';
import { changedMembers } from './concerns.ts';
import type { Surroundings } from './doubts.ts';

/** What two texts of a configuration differ in, by members. `undefined` where one of them has errors by now. */
export function changesBetween(
  before: string,
  after: string,
  surroundings: Surroundings,
): readonly string[] | undefined {
  const [first, second] = [before, after].map((text) => checkHostConfig(text, surroundings));
  return first?.ok === true && second?.ok === true ? changedMembers(first.config, second.config) : undefined;
}
