import { randomBytes } from 'node:crypto';

/** The system's keychain, as far as it can be trusted to work: every call is bounded in time. */
export interface Keychain {
  /** `undefined`: it has none, or says so. */
  get(account: string): Promise<string | undefined>;
  set(account: string, secret: string): Promise<void>;
  delete(account: string): Promise<void>;
}

export type KeychainState =
  | { readonly works: true; readonly keychain: Keychain }
  /** `reason` ends a sentence. */
  | { readonly works: false; readonly reason: string };

/** What we use of keytar. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

const service = 'Culvert';
const probeAccount = 'probe';

/** Time enough to type the keychain's own password, where it asks for that. */
const patienceMs = 30_000;

/** Rejections of the calls below: why the keychain cannot be used, as the end of a sentence. */
export class KeychainFailure extends Error {
  override readonly name = 'KeychainFailure';
}

/**
 * Looks whether the keychain keeps what it is given: a service may be missing (calls throw), its ring may have another password
 * (calls answer that there is nothing), or be locked with nobody there to unlock it (calls never end).
 *
 * @param load  brings keytar; it may throw, since it is native and needs a library of the system
 */
export async function openKeychain(
  load: () => Promise<Keytar> = loadKeytar,
  timeoutMs: number = patienceMs,
): Promise<KeychainState> {
  try {
    const keychain = bounded(await load(), timeoutMs);
    const probe = randomBytes(12).toString('hex');
    await keychain.set(probeAccount, probe);
    const kept = await keychain.get(probeAccount);
    await keychain.delete(probeAccount);
    if (kept !== probe) return { works: false, reason: 'it does not keep what it is given; it may be locked' };
    return { works: true, keychain };
  } catch (error) {
    if (error instanceof KeychainFailure) return { works: false, reason: error.message };
    return { works: false, reason: 'the library that speaks to it cannot be loaded (libsecret-1-0)' };
  }
}

async function loadKeytar(): Promise<Keytar> {
  // Its CommonJS exports arrive as the default export.
  const loaded = (await import('keytar')) as unknown as { readonly default?: Keytar } & Keytar;
  return loaded.default ?? loaded;
}

/**
 * One call at a time: each holds a thread of Node's few while it waits, and one that hangs holds it for good. While it does, the
 * others are told at once.
 */
function bounded(keytar: Keytar, timeoutMs: number): Keychain {
  let last: Promise<unknown> = Promise.resolve();
  let isHanging = false;
  const call = <Value>(begin: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(() => {
      if (isHanging) throw new KeychainFailure('it does not answer');
      const running = begin();
      return Promise.race([running, tooLong(running, timeoutMs)]);
    });
    last = turn.catch(() => undefined);
    return turn.catch((error: unknown) => {
      throw error instanceof KeychainFailure
        ? error
        : new KeychainFailure(`it answers with an error (${messageOf(error)})`);
    });
  };
  const tooLong = (running: Promise<unknown>, ms: number): Promise<never> =>
    new Promise((_, reject) => {
      const timer = setTimeout(() => {
        isHanging = true;
        reject(new KeychainFailure('it does not answer; it may be waiting for its own password'));
      }, ms);
      const over = (): void => {
        clearTimeout(timer);
        isHanging = false;
      };
      running.then(over, over);
    });
  return {
    get: async (account) => (await call(() => keytar.getPassword(service, account))) ?? undefined,
    set: (account, secret) => call(() => keytar.setPassword(service, account, secret)),
    delete: async (account) => {
      await call(() => keytar.deletePassword(service, account));
    },
  };
}

/** The system's own words, which hold no secret; one line. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/[\p{C}]+/gu, ' ').slice(0, 200);
}
