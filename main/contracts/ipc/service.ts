import { helperServiceState } from '../helper-service.ts';
import { call, nothing } from './call.ts';

/** The helper's service on this machine. What changes it asks for an administrator's password, which the system does. */
export const serviceCalls = {
  'service.state': call(nothing, helperServiceState),
  /** Installs it or upgrades it to this program's release, puts this user into its group, and starts it. */
  'service.install': call(nothing, nothing),
  /** Ends all of its connections first. */
  'service.uninstall': call(nothing, nothing),
} as const;
