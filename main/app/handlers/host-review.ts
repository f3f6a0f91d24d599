import type { Handlers } from '../../contracts/ipc/index.ts';
import type { hostReviewCalls } from '../../contracts/ipc/host-review.ts';
import type { Services } from '../services.ts';

export function hostReviewHandlers({ host }: Services): Handlers<keyof typeof hostReviewCalls> {
  const { review } = host;
  return {
    'host.accessReview': ({ unusedAfterDays }) => review.show(unusedAfterDays),
    'host.saveAccessReview': (wanted) => review.save(wanted),
  };
}
