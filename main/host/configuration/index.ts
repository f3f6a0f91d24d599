/**
 * The configuration of host mode: judged as a whole (`checkHostConfig`, `loadHostConfig`), its earlier versions
 * (`openVersions`), and what a change of it concerns (`concerns`).
 */
export { checkHostConfig, type Checked } from './check.ts';
export {
  changedMembers,
  concerns,
  credentialOf,
  identityKey,
  isConcerned,
  sharedKey,
  type Concerns,
} from './concerns.ts';
export type { Surroundings } from './doubts.ts';
export { editText, type Edit } from './edit.ts';
export { homeNetworks } from './home-networks.ts';
export { loadHostConfig } from './load.ts';
export type { Problem } from './problem.ts';
export { acceptedProposals, legacyAllowed, strengthOf } from './proposals.ts';
export { hostSecretBytes } from './secret.ts';
export { changesBetween } from './version-changes.ts';
export { openVersions, restoreVersion, type Version, type Versions } from './versions.ts';
