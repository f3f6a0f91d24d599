import { start } from '../../support/processes.ts';

/** An X server without a screen, which any process of this machine may use. */
export interface Display {
  /** Its name, for DISPLAY. */
  readonly name: string;
  stop(): Promise<unknown>;
}

export async function startDisplay(width = 1400, height = 1000): Promise<Display> {
  const server = start(['Xvfb', '-displayfd', '1', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp', '-ac']);
  const [, number = ''] = await server.until(/^(\d+)\n/);
  return { name: `:${number}`, stop: () => server.stop() };
}
