export { clientDeadlineMs, createClient, stepClient } from './client.ts';
export { preparationPlan } from './plan.ts';
export type { ClientConfig, ClientEffect, ClientInput, ClientState } from './types.ts';
