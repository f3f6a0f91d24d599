/** Who may connect, what they reach and when they last did, from the configuration, the users and the audit log. */
export { gatherReview } from './gather.ts';
export { csvOf } from './report/csv.ts';
export { htmlOf } from './report/html.ts';
