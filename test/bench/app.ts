// What the app costs: npm run bench:app -- [--runs N] [--idle SECONDS]. In the real Electron, as an ordinary user, on a screen that is none.
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { channels } from '../../main/contracts/ipc/bridge.ts';
import { appCommand, appFolder, appUid, startApp } from '../app/support/app.ts';
import { attachToPage } from '../app/support/attach.ts';
import { startDisplay } from '../app/support/display.ts';
import { connectedView } from '../app/parts/views.ts';
import { testProfile } from '../support/culvert.ts';
import { createNetwork, type Machine } from '../support/namespaces.ts';
import { delay, start } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { removeScratch } from '../support/scratch.ts';
import { median } from './statistics.ts';

const ticksPerSecond = 100;
/** Half a minute after its start Chromium tidies up, once. */
const settledMs = 40_000;

interface Place {
  readonly machine: Machine;
  readonly display: Awaited<ReturnType<typeof startDisplay>>;
}

interface ColdStart {
  readonly paintedMs: number;
  /** What all its processes took of the processors until then; unlike the time, it does not depend on what else the machine does. */
  readonly processorMs: number;
}

/** From the start of the program to the first picture of the page, which has its Connect button. Milliseconds. */
async function coldStart({ machine, display }: Place): Promise<ColdStart> {
  const folder = appFolder();
  // For the folders and profiles that a user has after the first start.
  const earlier = await startApp(machine, { display, folder, profiles: { office: testProfile('203.0.113.40') } });
  await (await earlier.window()).getByRole('button', { name: /^Connect to/ }).waitFor();
  await earlier.close();
  const argv = [...(await appCommand(machine, { display, folder })), '--remote-debugging-port=0'];
  const startedMs = Date.now();
  const running = start([process.execPath, inRepository('test/app/support/electron-in-namespace.mjs')], {
    env: { CULVERT_TEST_COMMAND: JSON.stringify({ argv, relayPrefix: machine.command([]) }) },
  });
  const [, address = ''] = await running.until(/DevTools listening on (\S+)/, 30_000);
  const page = await attachToPage(address);
  await page.getByRole('button', { name: /^Connect to/ }).waitFor();
  const paintedMs = await page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return performance.timeOrigin + (paint?.startTime ?? Number.NaN);
  });
  const processorMs = 1000 * processorSeconds();
  await page.context().browser()?.close();
  await running.stop();
  removeScratch(folder);
  return { paintedMs: paintedMs - startedMs, processorMs };
}

/** The processor time of every process of the app's user, in seconds. */
function processorSeconds(): number {
  const ticks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nUid:\t${appUid}\t`)) return 0;
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        return Number(fields[11]) + Number(fields[12]);
      } catch {
        return 0; // it has ended meanwhile
      }
    });
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

interface Memory {
  /** Megabytes that nobody else has, as Chromium counts a process's footprint. */
  readonly own: number;
  /** Also Electron's binary and what else it shares with the other processes. */
  readonly resident: number;
}

function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { own: megabytes('RssAnon'), resident: megabytes('VmRSS') };
}

async function idleAndMemory({ machine, display }: Place, idleSeconds: number) {
  const app = await startApp(machine, { display, profiles: { office: testProfile('203.0.113.40') } });
  const page = await app.window();
  await page.getByRole('button', { name: /^Connect to/ }).waitFor();
  await delay(settledMs);
  const beforeSeconds = processorSeconds();
  await delay(idleSeconds * 1000);
  const idlePercent = (100 * (processorSeconds() - beforeSeconds)) / idleSeconds;
  const memory = async (): Promise<Memory> =>
    memoryOf(
      await app.electron.evaluate(
        ({ app: electronApp }) => electronApp.getAppMetrics().find(({ type }) => type === 'Tab')?.pid ?? 0,
      ),
    );
  const empty = await memory();
  // An hour's slices, as the main process pushes them, faster than by the second.
  await app.electron.evaluate(
    async ({ BrowserWindow }, { channel, view, samples }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      contents?.send(channel, 'connection', view);
      const firstMs = Date.now() - samples * 1000;
      for (let index = 0; index < samples; index++) {
        const newest = { at: firstMs + index * 1000, receivedPerSecond: 1e6 * Math.random(), sentPerSecond: 1e5 };
        contents?.send(channel, 'traffic', {
          receivedBytes: String(index * 1e6),
          sentBytes: String(index * 1e5),
          newest,
        });
        if (index % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    { channel: channels.state, view: connectedView, samples: 3600 },
  );
  await page
    .getByText(/GB in all/)
    .first()
    .waitFor();
  await delay(10_000);
  const hour = await memory();
  await app.cleanUp();
  return { idlePercent, empty, hour };
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, idle: { type: 'string', default: '60' } },
});
const [network, display] = await Promise.all([createNetwork(), startDisplay()]);
try {
  const place = { machine: await network.addMachine('client', { address: '203.0.113.30' }), display };
  const starts: ColdStart[] = [];
  for (let run = 0; run < Number(values.runs); run++) starts.push(await coldStart(place));
  const medianOf = (figure: (start: ColdStart) => number): number => Math.round(median(starts.map(figure)));
  const painted = medianOf(({ paintedMs }) => paintedMs);
  const processor = medianOf(({ processorMs }) => processorMs);
  console.log(
    `cold start to the first picture: ${painted} ms, with ${processor} ms of processors (medians of ${starts.length})`,
  );
  const { idlePercent, empty, hour } = await idleAndMemory(place, Number(values.idle));
  console.log(`idle, all processes, window open: ${idlePercent.toFixed(2)} % of one processor over ${values.idle} s`);
  const said = ({ own, resident }: Memory): string => `${own} MB of its own, ${resident} MB with what is shared`;
  console.log(`the window's process: ${said(empty)}; after an hour of the graph ${said(hour)}`);
} finally {
  await display.stop();
  await network.remove();
}
