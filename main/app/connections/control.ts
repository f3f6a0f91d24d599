import { type ConnectionAnswer, connectionControl } from '../../contracts/events.ts';
import { failure, type Failure } from '../../contracts/failure.ts';
import type { Connection } from '../../engine/connection.ts';
import { askControl, serveControl } from '../../engine/control-socket.ts';
import { controlSocketPath } from '../../engine/folders.ts';

/** The failure that a connection of this name which runs already is, of the command line's say. */
export async function findBusy(name: string): Promise<Failure | undefined> {
  const asked = await askControl(controlSocketPath(name), connectionControl, { request: 'status' });
  if (!asked.reached || asked.answer.answer !== 'status') return undefined;
  return failure('connection.busy', { name, pid: asked.answer.status.processId });
}

/** Lets `culvert status` and `culvert disconnect` see a connection of the app. @returns what ends it @throws on system errors */
export async function serveConnection(
  name: string,
  connection: Connection,
  running: Promise<unknown>,
): Promise<() => void> {
  const answer = async (request: { readonly request: 'status' | 'disconnect' }): Promise<ConnectionAnswer> => {
    if (request.request === 'status') return { answer: 'status', status: connection.status() };
    connection.stop();
    await running;
    return { answer: 'disconnected' };
  };
  const server = await serveControl(controlSocketPath(name), connectionControl, answer);
  return () => {
    server.close();
  };
}
