export type * from './types.ts';
export type { IkeState } from './state.ts';
export { createIke, stepIke } from './step.ts';
export { ikeDeadlineMs } from './timers.ts';
export { espName, ikeName } from './proposals.ts';
export { sameIdentity } from './identity.ts';
export { admitIke, ikeNames, ikeRemote, joinIke, namesOfDatagram } from './admission.ts';
export { type Admission, Gate, type GateConfig } from './gate/gate.ts';
export { Allowance, sourceOf } from './gate/allowance.ts';
