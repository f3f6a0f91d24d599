import { dirname } from 'node:path';
import { userInfo } from 'node:os';
import { failure, type Failure, type Result } from '../contracts/failure.ts';
import { helperService, type HelperServiceAnswer } from '../contracts/helper-service.ts';
import {
  connectHelper,
  type Helper,
  helperArguments,
  helperBinary,
  HelperRefusal,
  shellCommand,
  startHelper,
} from '../helper/index.ts';
import { askControl } from './control-socket.ts';
import { helperServiceSocket, type RunFolders } from './folders.ts';

/**
 * As root: starts the helper. Otherwise: asks the service for one, or finds the one that somebody with the rights started by hand
 * for this user, or says what to do.
 */
export async function openHelper(folders: RunFolders): Promise<Result<Helper>> {
  return process.getuid?.() === 0 ? startAndConnect(folders) : findOrAsk(folders);
}

async function startAndConnect(folders: RunFolders): Promise<Result<Helper>> {
  const binary = helperBinary();
  if (!binary.ok) return binary;
  const started = await startHelper(binary.value, folders);
  if (!started.ok) return started;
  return connectTo(folders.runtime, (reason) => {
    const command = shellCommand([binary.value, ...helperArguments(folders, 0)]);
    return failure('helper.start', { reason, command });
  });
}

async function findOrAsk(folders: RunFolders): Promise<Result<Helper>> {
  const byHand = await connectTo(folders.runtime, () => undefined);
  if (byHand !== undefined) return byHand;
  const asked = await askControl(helperServiceSocket(), helperService, { request: 'open', name: folders.name });
  if (asked.reached) return opened(asked.answer, folders);
  // A folder that is root's alone has no service in it: that one lets everybody ask.
  if (asked.why !== 'notRunning' && asked.why !== 'notAllowed')
    return { ok: false, failure: failure('helper.serviceBroken', { reason: asked.why }) };
  const binary = helperBinary();
  if (!binary.ok) return binary;
  return { ok: false, failure: failure('helper.notRunning') };
}

async function opened(answer: HelperServiceAnswer, folders: RunFolders): Promise<Result<Helper>> {
  if ('ready' in answer) {
    if (!answer.ready) return { ok: false, failure: failure('helper.serviceStart', { reason: answer.reason }) };
    return connectTo(dirname(answer.broker), (reason) => failure('helper.serviceStart', { reason }));
  }
  if (answer.answer === 'status')
    return { ok: false, failure: failure('helper.serviceBroken', { reason: 'noAnswer' }) };
  return { ok: false, failure: refused(answer, folders.name) };
}

function refused(answer: Extract<HelperServiceAnswer, { answer: 'refused' }>, name: string): Failure {
  const { reason } = answer;
  switch (answer.code) {
    case 'notAllowed':
      return failure('helper.notAllowed', {
        reason,
        command: shellCommand(['sudo', 'usermod', '-aG', 'culvert', userName()]),
      });
    case 'tooMany':
    case 'busy':
      return failure('helper.serviceBusy', { reason });
    case 'request':
      return failure('helper.request', { reason: `${name}: ${reason}` });
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 0); // a user that the database does not know
  }
}

async function connectTo(runtime: string, otherwise: (reason: string) => Failure): Promise<Result<Helper>>;
async function connectTo(runtime: string, otherwise: () => undefined): Promise<Result<Helper> | undefined>;
async function connectTo(
  runtime: string,
  otherwise: (reason: string) => Failure | undefined,
): Promise<Result<Helper> | undefined> {
  try {
    return { ok: true, value: await connectHelper(runtime) };
  } catch (error) {
    if (error instanceof HelperRefusal) {
      return { ok: false, failure: failure('helper.version', { reason: error.reply.message }) };
    }
    const why = otherwise(error instanceof Error ? error.message : String(error));
    return why === undefined ? undefined : { ok: false, failure: why };
  }
}
