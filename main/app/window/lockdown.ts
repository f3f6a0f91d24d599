import { app, type Session, type WebContents } from 'electron';
import { pageOrigin } from './page-files.ts';

/** To a port that nobody listens on: what asks nobody before it leaves (WebRTC) goes by a proxy, and so nowhere. */
const nowhere = 'http://127.0.0.1:9';

/** Shuts every way out of the page: other addresses, other windows, permissions, devices, downloads. */
export async function lockDownSession(session: Session): Promise<void> {
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
  await session.setProxy({ mode: 'fixed_servers', proxyRules: nowhere, proxyBypassRules: '<-loopback>' });
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
  // Neither the content policy nor `webRequest` hear of WebRTC.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

export function isOurs(url: string): boolean {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`);
}

function isDeveloping(): boolean {
  return !app.isPackaged;
}
