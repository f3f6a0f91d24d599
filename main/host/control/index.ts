/** The control socket of a running host (`serveHostControl`), and what it needs of the host (`HostControls`). */
export type { HostControls, Reloaded } from './controls.ts';
export { serveHostControl, storeChanges } from './serve.ts';
