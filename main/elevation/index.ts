export { installService, serviceState, startElevatedHelper, uninstallService } from './service.ts';
