/** RADIUS over the network: a client of authentication and accounting servers, and what hears their requests. */
export { RadiusClient, type RadiusEvent } from './client.ts';
export { DynamicAuthorizationListener, type ListenerOptions } from './listener.ts';
export {
  configureRadius,
  groupsOf,
  type ConfiguredRadius,
  type RadiusSettings,
  type RadiusSurroundings,
} from './configuration.ts';
