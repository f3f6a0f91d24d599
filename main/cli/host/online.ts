import type { SessionChoice } from '../../contracts/host-control.ts';
import { Complaint } from '../../host/words/complaint.ts';
import { countText } from '../../host/words/format.ts';
import { describeSessions, describeStatus } from './online-text.ts';
import { printJson } from './outcome.ts';
import { askHost, hostSessions } from './reach.ts';

const failuresShown = 5;

export async function showStatus(json: boolean): Promise<void> {
  const { status } = await askHost({ request: 'status' }, 'status');
  const { failures } = await askHost({ request: 'failures' }, 'failures');
  if (json) printJson({ ...status, failures });
  else console.log(describeStatus(status, failures.slice(0, failuresShown), Date.now()));
}

export async function showSessions(user: string | undefined, json: boolean): Promise<void> {
  const sessions = await hostSessions(user);
  if (json) sessions.forEach(printJson);
  else if (sessions.length > 0) console.log(describeSessions(sessions, Date.now()));
  else console.log(user === undefined ? 'Nobody is online.' : `${user} is not online.`);
}

export async function disconnect(who: SessionChoice, json: boolean): Promise<void> {
  const answer = await askHost({ request: 'disconnect', who }, 'disconnected');
  if (answer.sessions === 0 && who !== 'everybody') {
    throw 'session' in who
      ? new Complaint('session.unknown', { session: who.session })
      : new Complaint('session.userUnknown', { user: who.user });
  }
  if (json) printJson(answer);
  else console.log(answer.sessions === 0 ? 'Nobody was online.' : `${countText(answer.sessions, 'session')} ended.`);
}
