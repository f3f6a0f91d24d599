import { accessReview } from './access-review.ts';
import { certificates } from './certificates.ts';
import { connect } from './connect.ts';
import { general } from './general.ts';
import { hostCertificates } from './host-certificates.ts';
import { host } from './host.ts';
import { log } from './log.ts';
import { profiles } from './profiles.ts';
import { prompts } from './prompts.ts';
import { report } from './report.ts';
import { settings } from './settings.ts';

/**
 * Every text of the window, by area. A translation is another object of this type; texts with facts are functions, so that a
 * language orders its words as it likes. Failures and phases bring their texts along (`main/contracts/failure.ts`).
 */
export const strings = {
  ...general,
  accessReview,
  certificates,
  connect,
  host,
  hostCertificates,
  log,
  profiles,
  prompts,
  report,
  settings,
};
