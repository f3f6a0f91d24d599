/** What holds for a session: `resolvePolicy` decides it from the configuration, the user, and what RADIUS or a directory said. */
export { grantOfLdap, grantOfRadius, type Grant } from './grant.ts';
export { resolvePolicy, type PolicyInput, type Resolution } from './resolve.ts';
