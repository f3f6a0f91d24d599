import type { AccessReview } from '../../contracts/access-review.ts';
import { csvOf, gatherReview, htmlOf } from '../../host/review/index.ts';
import { usableConfig } from './configuration.ts';
import type { CommonFlags } from './options.ts';
import { openUserDesk } from './user-desk.ts';

export const reviewFormats = ['csv', 'html', 'json'] as const;

export interface ReviewFlags extends CommonFlags {
  readonly format: (typeof reviewFormats)[number];
  readonly unusedDays: number;
}

const forms: Readonly<Record<ReviewFlags['format'], (review: AccessReview) => string>> = {
  csv: csvOf,
  html: htmlOf,
  json: (review) => JSON.stringify(review),
};

/** Prints who may connect. */
export async function showAccessReview(flags: ReviewFlags): Promise<void> {
  const isJson = flags.json === true;
  const desk = await openUserDesk(flags.config, isJson);
  const config = usableConfig(desk.configFile, isJson);
  const localUsers = await desk.list();
  const review = await gatherReview({
    config,
    configFile: desk.configFile,
    localUsers,
    unusedAfterDays: flags.unusedDays,
  });
  console.log(forms[isJson ? 'json' : flags.format](review));
}
