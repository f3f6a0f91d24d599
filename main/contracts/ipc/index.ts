import type { z } from 'zod';
import type { Result } from '../failure.ts';
import { certificateCalls } from './certificates.ts';
import { connectionCalls } from './connection.ts';
import { hostCalls } from './host.ts';
import { hostAuthorityCalls } from './host-authority.ts';
import { hostCodeCalls } from './host-codes.ts';
import { hostReviewCalls } from './host-review.ts';
import { logCalls } from './log.ts';
import { profileCalls } from './profiles.ts';
import { promptCalls } from './prompts.ts';
import { reportCalls } from './report.ts';
import { serviceCalls } from './service.ts';
import { settingsCalls } from './settings.ts';
import { windowCalls } from './window.ts';

/**
 * Everything that the window can make the program do. An area is a file with its table, and a row here; `main/app/handlers`
 * has its handlers under the same name.
 */
export const calls = {
  ...windowCalls,
  ...connectionCalls,
  ...profileCalls,
  ...certificateCalls,
  ...promptCalls,
  ...hostCalls,
  ...hostCodeCalls,
  ...hostAuthorityCalls,
  ...hostReviewCalls,
  ...serviceCalls,
  ...settingsCalls,
  ...logCalls,
  ...reportCalls,
} as const;

export type Calls = typeof calls;
export type CallName = keyof Calls;

/** As the window gives it, and as the handler gets it: a secret is text before and a `Secret` after. */
export type ArgumentGiven<Name extends CallName> = z.input<Calls[Name]['argument']>;
export type ArgumentTaken<Name extends CallName> = z.output<Calls[Name]['argument']>;
export type ValueGiven<Name extends CallName> = z.output<Calls[Name]['value']>;
export type ValueTaken<Name extends CallName> = z.input<Calls[Name]['value']>;

/** Handlers of some calls. */
export type Handlers<Name extends CallName = CallName> = {
  readonly [N in Name]: (argument: ArgumentTaken<N>) => Promise<Result<ValueGiven<N>>> | Result<ValueGiven<N>>;
};
