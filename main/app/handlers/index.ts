import type { CallName, Handlers } from '../../contracts/ipc/index.ts';
import type { windowCalls } from '../../contracts/ipc/window.ts';
import type { Services } from '../services.ts';
import { certificateHandlers } from './certificates.ts';
import { connectionHandlers } from './connection.ts';
import { hostHandlers } from './host.ts';
import { hostAuthorityHandlers } from './host-authority.ts';
import { hostCodeHandlers } from './host-codes.ts';
import { hostReviewHandlers } from './host-review.ts';
import { logHandlers } from './log.ts';
import { profileHandlers } from './profiles.ts';
import { promptHandlers } from './prompts.ts';
import { reportHandlers } from './report.ts';
import { serviceHandlers } from './service.ts';
import { settingsHandlers } from './settings.ts';

/** The handlers of every call but the window's own, which are with the window; a row for each area. */
export function handlersOf(services: Services): Handlers<Exclude<CallName, keyof typeof windowCalls>> {
  return {
    ...connectionHandlers(services),
    ...profileHandlers(services),
    ...certificateHandlers(services),
    ...promptHandlers(services),
    ...serviceHandlers(services),
    ...settingsHandlers(services),
    ...hostHandlers(services),
    ...hostCodeHandlers(services),
    ...hostAuthorityHandlers(services),
    ...hostReviewHandlers(services),
    ...logHandlers(services),
    ...reportHandlers(services),
  };
}
