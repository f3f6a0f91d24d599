export { clientDeadlineMs, createClient, stepClient } from './client.ts';
export type { BrokerTask, ClientConfig, ClientEffect, ClientInput, ClientState } from './types.ts';
