export type * from './types.ts';
export type { IkeState } from './state.ts';
export { createIke, stepIke } from './step.ts';
export { ikeDeadlineMs } from './timers.ts';
export { espName, ikeName } from './proposals.ts';
