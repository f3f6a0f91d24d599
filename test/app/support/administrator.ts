import { appendFileSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../support/namespaces.ts';
import { eventually } from '../../support/processes.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { appUid } from './app.ts';

/** A machine of the test network on which programs may ask for administrator rights, through the real polkit. */
export interface Administrated {
  /** As the app's user has it. What root writes to the system there is written to a layer of its own, and gone with it. */
  readonly machine: Host;
  /** What an administrator says from now on to whoever asks; resolves when polkit has heard of it. */
  answers(answer: 'YES' | 'NO'): Promise<void>;
  stop(): Promise<unknown>;
}

const layers = ['etc', 'usr/lib', 'var/lib'];
/** $1: a folder for the layers; the others: what has one. */
const enclosure = `
set -e
folder=$1; shift
for part; do
  mount -t overlay overlay -o "lowerdir=/$part,upperdir=$folder/$part/upper,workdir=$folder/$part/work" "/$part"
done
mount -t tmpfs tmpfs /run
mkdir /run/dbus
exec dbus-daemon --system --nofork --nopidfile --print-address
`;

export async function administrate(machine: Host): Promise<Administrated> {
  const folder = scratchFolder('layers');
  for (const part of layers) {
    for (const half of ['upper', 'work']) mkdirSync(join(folder, part, half), { recursive: true });
  }
  const upper = join(folder, 'etc', 'upper');
  // pkexec and groupadd know whom the user database knows.
  const account = { passwd: `app:x:${appUid}:${appUid}::/nonexistent:/bin/bash\n`, group: `app:x:${appUid}:\n` };
  for (const [file, line] of Object.entries(account)) {
    writeFileSync(join(upper, file), readFileSync(join('/etc', file)));
    appendFileSync(join(upper, file), line);
  }
  const rules = join(upper, 'polkit-1', 'rules.d');
  mkdirSync(rules, { recursive: true });
  const { uid, gid } = statSync('/etc/polkit-1/rules.d');
  chownSync(rules, uid, gid);

  const bus = machine.spawn(['sh', '-c', enclosure, 'sh', folder, ...layers]);
  await bus.until(/^unix:/m);
  const inside = (argv: readonly string[]): string[] => ['nsenter', `--target=${bus.pid}`, '--mount', '--net', ...argv];
  const enclosed: Host = {
    ...machine,
    command: inside,
    exec: (argv, options) => machine.exec(inside(argv), options),
    spawn: (argv, options) => machine.spawn(inside(argv), options),
  };
  const asUser = [
    'setpriv',
    `--reuid=${appUid}`,
    `--regid=${appUid}`,
    '--clear-groups',
    'env',
    '-i',
    'PATH=/usr/bin:/bin',
  ];
  return {
    machine: enclosed,
    answers: async (answer) => {
      // polkit's JavaScript is ES5. Written where polkit sees it change: below a layer it would not.
      const text = `polkit.addRule(function (action) {
        if (action.id === 'org.freedesktop.policykit.exec') return polkit.Result.${answer};
      });\n`;
      await enclosed.exec(['tee', '/etc/polkit-1/rules.d/10-culvert-test.rules'], { input: text });
      await eventually(`polkit says ${answer}`, 20_000, async () => {
        const tried = await enclosed.exec([...asUser, 'pkexec', '--disable-internal-agent', '/bin/true'], {
          allowFailure: true,
        });
        return (tried.exitCode === 0) === (answer === 'YES');
      });
    },
    stop: () => bus.stop(),
  };
}
