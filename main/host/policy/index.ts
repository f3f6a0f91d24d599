/** What holds for a session: `resolvePolicy` decides it from the configuration, the user, and what RADIUS or a directory said. */
export { resolvePolicy, type Grant, type PolicyInput, type Resolution } from './resolve.ts';
