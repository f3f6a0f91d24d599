import { Connection } from '../engine/connection.ts';
import { createCrypto } from '../engine/crypto/index.ts';
import { secretFromText } from '../profiles/secrets.ts';
import { startTrial } from '../trial/index.ts';
import { print, refuse, runConnection } from './connect.ts';
import { keepSecretsOutOfCores } from '../engine/core-dumps.ts';
import { version } from '../engine/version.ts';

/** `culvert try`: a gateway on this computer, and a connection to it until it is interrupted. */
export async function tryCommand(flags: { readonly json?: true; readonly verbose?: true }): Promise<number> {
  keepSecretsOutOfCores();
  const json = flags.json === true;
  const log = (source: string, text: string): void => {
    if (flags.verbose === true) console.error(`[${source}] ${text}`);
  };
  const started = await startTrial(version, (text) => {
    log('host', text);
  });
  if (!started.ok) return refuse(started.failure, json);
  const trial = started.value;
  const { name, user } = trial.profile;
  const connection = new Connection({
    ...{ name, profile: trial.profile, userName: user, password: trial.password, preSharedKey: trial.preSharedKey },
    secretFromText,
    crypto: await createCrypto(),
    openHelper: trial.openHelper,
    onEvent: (event) => {
      print(event, json);
      if (event.event !== 'connected') return;
      trial.carrySomething();
      if (!json) console.log('It is a whole connection, to a gateway in this program. Ctrl-C ends it.');
    },
    onLog: log,
  });
  const exitCode = await runConnection(connection, name);
  await trial.stop();
  return exitCode;
}
