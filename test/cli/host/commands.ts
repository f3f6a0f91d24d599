import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, vi } from 'vitest';
import { hostProgram } from '../../../main/cli/host/program.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `culvert host …` in this process, with folders of its own and a configuration to begin with. */
export interface HostCommands {
  readonly folder: string;
  readonly configFile: string;
  writeConfig(text: string): void;
  /** Runs a command; what follows `stdin` is its standard input. */
  run(argv: readonly string[], stdin?: string): Promise<Said>;
}

export const smallConfig = (extra = ''): string => `{
  "preSharedKey": { "file": "host.psk" },
  "pools": { "office": { "ranges": ["10.91.37.0/24"] } },
  "localUsers": { "file": "users/users.store", "keyFile": "users/users.key" },
  "audit": { "file": "audit/audit.jsonl" },
  "certificateAuthority": { "folder": "ca", "urls": ["http://vpn.example.com:8080/ca.crl"] },
  "groups": { "staff": {} }${extra}
}
`;

const exitCode = (): number => Number(process.exitCode ?? 0);

/** Registers the hooks; to be called once in a file. */
export function useHostCommands(): HostCommands {
  let folder = '';
  beforeEach(() => {
    folder = scratchFolder('host-cli');
    vi.stubEnv('CULVERT_RUNTIME_DIR', join(folder, 'run'));
    vi.stubEnv('XDG_RUNTIME_DIR', join(folder, 'run'));
    vi.stubEnv('CULVERT_STATE_DIR', join(folder, 'state'));
    mkdirSync(join(folder, 'run'), { mode: 0o700 });
    writeFileSync(join(folder, 'host.psk'), 'a long enough key for all of them\n', { mode: 0o600 });
    writeFileSync(join(folder, 'host.json'), smallConfig(), { mode: 0o600 });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    removeScratch(folder);
  });
  return {
    get folder() {
      return folder;
    },
    get configFile() {
      return join(folder, 'host.json');
    },
    writeConfig: (text) => {
      writeFileSync(join(folder, 'host.json'), text, { mode: 0o600 });
    },
    run: async (argv, stdin = '') => {
      const out: string[] = [];
      const err: string[] = [];
      vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
      vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text));
      const input = new PassThrough();
      vi.spyOn(process, 'stdin', 'get').mockReturnValue(input as unknown as typeof process.stdin);
      input.end(stdin);
      const before = process.exitCode;
      process.exitCode = undefined;
      await hostProgram().parseAsync(argv, { from: 'user' });
      const code = exitCode();
      process.exitCode = before;
      return { code, out: out.join('\n'), err: err.join('\n') };
    },
  };
}
