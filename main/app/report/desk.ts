import { hostname, homedir, release, version as kernelVersion } from 'node:os';
import { readFile } from 'node:fs/promises';
import { Redactor } from '../../diagnostics/redact.ts';
import { networkFacts } from '../../diagnostics/network-facts.ts';
import { writeReport } from '../../diagnostics/report.ts';
import type { LogBook } from '../log/book.ts';
import type { State } from '../state/state.ts';

const reportedLines = 2000;

/** Puts together what a report is made of, and knows what has to be taken out of it. */
export class ReportDesk {
  readonly #state: State;
  readonly #log: LogBook;

  constructor(state: State, log: LogBook) {
    this.#state = state;
    this.#log = log;
  }

  async text(): Promise<string> {
    const parts = {
      state: this.#state.all(),
      versions: await versions(),
      network: await networkFacts(),
      log: this.#log.read(0, reportedLines),
      now: Date.now(),
    };
    return writeReport(parts, this.redactor());
  }

  /** Of what is known at this moment. */
  redactor(): Redactor {
    const { entries } = this.#state.read('profiles');
    const certificates = this.#state.read('certificates').entries;
    const connection = this.#state.read('connection');
    const target = connection.at === 'idle' ? [] : [connection.target.gateway];
    const address = connection.at === 'connected' ? [connection.summary.gatewayAddress] : [];
    return new Redactor({
      users: [
        ...entries.flatMap(({ user }) => (user === undefined ? [] : [user])),
        // A certificate tells who its owner is, and authorities are nobody.
        ...certificates.filter(({ kind }) => kind !== 'authority').map(({ name }) => name),
      ],
      gateways: [...entries.map(({ gateway }) => gateway), ...target, ...address],
      home: homedir(),
      hostName: hostname(),
    });
  }
}

async function versions(): Promise<Record<string, string>> {
  const { electron, chrome, node } = process.versions;
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(system)?.[1] ?? process.platform;
  return { Electron: electron, Chromium: chrome, Node: node, system: name, kernel: `${release()} ${kernelVersion()}` };
}
