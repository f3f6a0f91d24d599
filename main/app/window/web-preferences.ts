import type { WebPreferences } from 'electron';

/** Of the only window there is. `test/app/security.test.ts` compares these, member by member, with what has to hold. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    enableWebSQL: false,
    // The graph goes on while another window has the focus; a hidden window is throttled all the same.
    backgroundThrottling: true,
  };
}
