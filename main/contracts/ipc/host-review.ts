import { z } from 'zod';
import { accessReview } from '../access-review.ts';
import { call } from './call.ts';

const unusedAfterDays = z.int().min(1).max(3650);
/** More rows than anybody reads in a window; a file has all of them. */
const shownUsers = 1000;

export const hostReviewCalls = {
  /** Who may connect, what they reach, and when they last did. `users` of how many is the review's. */
  'host.accessReview': call(
    z.strictObject({ unusedAfterDays }),
    z.strictObject({
      review: accessReview.extend({ users: accessReview.shape.users.max(shownUsers) }),
      users: z.int().min(0),
    }),
  ),
  /** Asks where to, and writes the whole review there. Undefined where the user cancelled. */
  'host.saveAccessReview': call(
    z.strictObject({ format: z.enum(['csv', 'html']), unusedAfterDays }),
    z.string().optional(),
  ),
} as const;
