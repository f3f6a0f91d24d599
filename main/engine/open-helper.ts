import { failure, type Result } from '../contracts/failure.ts';
import {
  connectHelper,
  type Helper,
  helperArguments,
  helperBinary,
  type HelperFolders,
  HelperRefusal,
  shellCommand,
  startHelper,
} from '../helper/index.ts';

/** As root: starts the helper. Otherwise: finds the one that somebody with the rights started for this user, or says how. */
export async function openHelper(folders: HelperFolders): Promise<Result<Helper>> {
  const binary = helperBinary();
  if (!binary.ok) return binary;
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) {
    const started = await startHelper(binary.value, folders);
    if (!started.ok) return started;
  }
  try {
    return { ok: true, value: await connectHelper(folders.runtime) };
  } catch (error) {
    if (error instanceof HelperRefusal) {
      return { ok: false, failure: failure('helper.version', { reason: error.reply.message }) };
    }
    const command = shellCommand([binary.value, ...helperArguments(folders, uid)]);
    if (uid !== 0) return { ok: false, failure: failure('helper.notRunning', { command }) };
    return { ok: false, failure: failure('helper.start', { reason: String(error), command }) };
  }
}
