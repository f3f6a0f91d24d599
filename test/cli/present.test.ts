import { expect, test } from 'vitest';
import { describeEvent, describeFailure, describeStatus } from '../../main/cli/present.ts';
import type { ConnectionSummary } from '../../main/contracts/events.ts';
import { failure } from '../../main/contracts/failure.ts';

const connection: ConnectionSummary = {
  gatewayAddress: '203.0.113.10',
  gatewayIdentity: 'gw.example',
  tunnelName: 'cv-office',
  localAddress: '10.99.0.10',
  mtuBytes: 1400,
  dnsServers: [],
  routes: ['10.20.0.0/16'],
  ikeSuite: 'aes-256-cbc/sha256/modp2048',
  espSuite: 'aes-256-gcm-16',
  authentication: 'mschapv2',
};

test('a phase is a line once it is done, with its time and what came of it', () => {
  const phase = { event: 'phase', phase: 'lcp', atMs: 40 } as const;
  expect(describeEvent({ ...phase, state: 'started' })).toBeUndefined();
  expect(describeEvent({ ...phase, state: 'done', tookMs: 12.4, detail: 'MRU 1400' })).toMatch(
    /^ {2}PPP link +12 ms {2}MRU 1400$/,
  );
});

test('only a repeated attempt is counted', () => {
  const dialling = { event: 'dialling', gateway: 'vpn.example.com' } as const;
  expect(describeEvent({ ...dialling, attempt: 1 })).toBe('Connecting to vpn.example.com');
  expect(describeEvent({ ...dialling, attempt: 3 })).toBe('Connecting again (attempt 3)');
});

test('a failure says which phase, what happened and what to do', () => {
  const reason = failure('gateway.unreachable', { address: '203.0.113.10', seconds: 12 });
  expect(describeFailure(reason).split('\n')).toEqual([
    'Reaching the gateway failed [gateway.unreachable]',
    `  What happened: ${reason.cause}`,
    `  What to do:    ${reason.fix}`,
  ]);
});

test('the status of a connection that is up says what was negotiated and carried', () => {
  const text = describeStatus({
    name: 'office',
    processId: 4711,
    state: 'connected',
    connectedSeconds: 61,
    connection,
    receivedBytes: '1000',
    sentBytes: '10',
  });
  expect(text).toContain('office: connected for 61 s (process 4711)');
  expect(text).toContain('Address   10.99.0.10 on cv-office, MTU 1400');
  expect(text).toContain('DNS       unchanged');
  expect(text).toContain('Traffic   1000 bytes received, 10 sent');
});

test('the status of one that dials names the phase, and why the last attempt ended', () => {
  const lastFailure = failure('gateway.dead', { how: 'LCP echo' });
  const text = describeStatus({ name: 'office', processId: 1, state: 'dialling', phase: 'ikePhase2', lastFailure });
  expect(text).toBe(
    `office: dialling, IKE phase 2 (process 1)\n  Last failure: The gateway stopped answering (LCP echo).`,
  );
});
