import { join } from 'node:path';
import { z } from 'zod';
import { makePrivateFolder, writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/read-json.ts';

const placement = z.strictObject({
  x: z.int().exactOptional(),
  y: z.int().exactOptional(),
  width: z.int().min(380).max(10_000),
  height: z.int().min(480).max(10_000),
  maximized: z.boolean(),
});
export type Placement = z.infer<typeof placement>;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const standard: Placement = { width: 900, height: 680, maximized: false };
/** So much of the window has to be on a screen for its user to find it. */
const visiblePixels = 80;

/** Where the window was last. A display that is gone since then does not take the window with it. */
export function readPlacement(folder: string, displays: readonly Rectangle[]): Placement {
  const stored = placement.safeParse(readJson(join(folder, 'window.json')));
  if (!stored.success) return standard;
  const { x, y, ...size } = stored.data;
  if (x === undefined || y === undefined) return size;
  const found = displays.some(
    (display) =>
      x + size.width >= display.x + visiblePixels &&
      x <= display.x + display.width - visiblePixels &&
      y >= display.y - visiblePixels / 2 &&
      y <= display.y + display.height - visiblePixels,
  );
  return found ? stored.data : size;
}

/** @throws on system errors */
export function writePlacement(folder: string, value: Placement): void {
  makePrivateFolder(folder);
  writeDurably(join(folder, 'window.json'), JSON.stringify(value));
}
