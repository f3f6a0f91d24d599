import type { HostConfig } from '../../contracts/host-config.ts';
import type { Helper } from '../../helper/index.ts';
import type { Authority, ConfigurationChange } from '../authority/index.ts';
import { changedMembers, concerns, credentialOf, isConcerned, type Problem } from '../configuration/index.ts';
import { type Configured, groundOf, planOf, problemOf } from './configured/configured.ts';
import { helperFailure } from './failures.ts';
import type { HostService } from './host-service.ts';
import { openSockets } from './sockets.ts';

export type Applied =
  | { readonly ok: true; readonly members: readonly string[]; readonly sessionsEnded: number }
  | { readonly ok: false; readonly errors: readonly Problem[] };

/** What a configuration stands on in a host that runs. */
export interface Standing {
  readonly helper: Helper;
  readonly service: HostService;
  readonly authority: Authority;
}

/**
 * Puts another configuration in force. What may fail comes first, and is undone where something after it fails: then all is as it
 * was. Sessions whose footing changed end; the others never notice.
 */
export async function applyConfiguration(
  standing: Standing,
  before: Configured,
  next: Configured,
  how: Omit<ConfigurationChange, 'sessionsEnded'>,
): Promise<Applied> {
  const { helper, service, authority } = standing;
  const concerned = concernedSessions(service, before.config, next.config);
  const movesSockets = JSON.stringify(before.config.listen) !== JSON.stringify(next.config.listen);
  const undo: (() => Promise<unknown>)[] = [];
  const goBack = async (error: Problem): Promise<Applied> => {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    return { ok: false, errors: [error] };
  };
  try {
    if (movesSockets) {
      undo.push(() => openSockets(helper, before.config));
      await openSockets(helper, next.config);
    }
    undo.push(() => service.configurePlan(planOf(before)));
    await service.configurePlan(planOf(next));
  } catch (error) {
    return goBack(problemOf(helperFailure(error)));
  }
  const reconfigured = await authority.reconfigure(groundOf(next), { ...how, sessionsEnded: concerned.length });
  if (!reconfigured.ok) return goBack(problemOf(reconfigured.failure));
  await service.configure(next, concerned);
  return { ok: true, members: changedMembers(before.config, next.config), sessionsEnded: concerned.length };
}

function concernedSessions(service: HostService, before: HostConfig, next: HostConfig): readonly number[] {
  const changes = concerns(before, next);
  return service.roll.all.flatMap(({ started, policy }) => {
    const { session } = started.about;
    const credential = credentialOf(started.about);
    const footing = { user: started.user, groups: policy.groups, pool: service.poolOf(session), credential };
    return isConcerned(changes, footing) ? [session] : [];
  });
}
