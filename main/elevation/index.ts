export { installService, serviceState, uninstallService } from './service.ts';
/** @public */
export { startElevatedHelper } from './service.ts';
