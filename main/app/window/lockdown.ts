import { app, type Session, type WebContents } from 'electron';
import { pageOrigin } from './page-files.ts';

/** Shuts every way out of the page: other addresses, other windows, permissions, devices, downloads. */
export function lockDownSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isOurs(details.url) && !(isDeveloping() && details.url.startsWith('devtools://')) });
  });
}

/** For every content that is ever made, of whatever kind. */
export function lockDownContents(contents: WebContents): void {
  const deny = (event: { preventDefault(): void }): void => {
    event.preventDefault();
  };
  contents.on('will-navigate', deny);
  contents.on('will-frame-navigate', deny);
  contents.on('will-redirect', deny);
  contents.on('will-attach-webview', deny);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

export function isOurs(url: string): boolean {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`);
}

function isDeveloping(): boolean {
  return !app.isPackaged;
}
