/**
 * Host mode in one guided step: what the machine is like and what suits it (`proposeHost`), and a first configuration with its key
 * and its user (`setUpHost`). The contract of both is in `contracts/host-guide.ts`.
 */
export { reachedAt } from './machine/reached-by.ts';
export { proposeHost } from './propose.ts';
export { setUpHost, type SetUp } from './set-up.ts';
