import { app } from 'electron';

/** No goodbye takes longer. */
const longestGoodbyeMs = 10_000;

/** Whichever way the app is told to end: first the connection is ended, and the network put back. */
export function quitAfter(goodbye: () => Promise<unknown>): void {
  let over = false;
  app.on('before-quit', (event) => {
    if (over) return;
    event.preventDefault();
    const patience = new Promise((resolve) => setTimeout(resolve, longestGoodbyeMs));
    void Promise.race([goodbye(), patience]).finally(() => {
      over = true;
      app.quit();
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      app.quit();
    });
  }
}
