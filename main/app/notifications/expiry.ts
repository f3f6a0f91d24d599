import { join } from 'node:path';
import { z } from 'zod';
import type { CertificateEntry } from '../../contracts/app-state/certificates.ts';
import { daysLeft, expiring, standingOf } from '../../contracts/certificate-expiry.ts';
import { makePrivateFolder, writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/read-json.ts';
import type { Message } from './messages.ts';

const hourMs = 3_600_000;
/** Of which certificates the user was told on which day. */
const told = z.record(z.string(), z.string());

interface Surroundings {
  readonly entries: () => readonly CertificateEntry[];
  /** Where it is remembered what was told. */
  readonly folder: string;
  /** @returns whether it was shown */
  readonly show: (message: Message) => boolean;
  readonly nowMs: () => number;
}

/** Tells that certificates expire, of each once a day: when the app starts, and then as the days pass. */
export class ExpiryWatch {
  readonly #surroundings: Surroundings;
  readonly #file: string;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#file = join(surroundings.folder, 'told-certificates.json');
  }

  /** Looks every hour: a timer of a day would miss one on a computer that sleeps. */
  begin(everyHour: () => void = () => undefined): void {
    this.look();
    setInterval(() => {
      everyHour();
      this.look();
    }, hourMs).unref();
  }

  look(): void {
    const { entries, folder, show, nowMs } = this.#surroundings;
    const now = nowMs();
    const today = new Date(now).toISOString().slice(0, 10);
    const before = told.safeParse(readJson(this.#file)).data ?? {};
    const ending = expiring(entries(), now);
    const fresh = ending.filter(({ id }) => before[id] !== today);
    const message = expiryMessage(fresh, now);
    if (message === undefined || !show(message)) return;
    makePrivateFolder(folder);
    writeDurably(this.#file, JSON.stringify(Object.fromEntries(ending.map(({ id }) => [id, today]))));
  }
}

/** Pure. */
export function expiryMessage(ending: readonly CertificateEntry[], nowMs: number): Message | undefined {
  const [first, ...others] = ending;
  if (first === undefined) return undefined;
  const sentences = ending.slice(0, 3).map((each) => sentenceOf(each, nowMs));
  const more = others.length > 2 ? [`And ${others.length - 2} more.`] : [];
  const title = others.length === 0 ? 'A certificate expires' : `${ending.length} certificates expire`;
  return { title, body: [...sentences, ...more].join(' ') };
}

function sentenceOf({ name, certificate, usedBy }: CertificateEntry, nowMs: number): string {
  if (certificate === undefined) return '';
  const { notAfter } = certificate;
  const used = usedBy.length === 0 ? '' : ` (${usedBy.slice(0, 3).join(', ')})`;
  if (standingOf(certificate, nowMs) === 'over') return `${name}${used} expired on ${notAfter.slice(0, 10)}.`;
  const days = daysLeft(notAfter, nowMs);
  return `${name}${used} expires in ${days} ${days === 1 ? 'day' : 'days'}, on ${notAfter.slice(0, 10)}.`;
}
