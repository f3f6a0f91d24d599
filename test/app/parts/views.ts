import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';

/** Views of a connection to begin with. */
export const dialledView = {
  target: { profile: 'office', name: 'office', gateway: 'vpn.example.org' },
  phases: [],
  notes: [],
};

export const connectedView: Extract<ConnectionSlice, { at: 'connected' }> = {
  ...{ at: 'connected', ...dialledView, since: 1000, tookMs: 400 },
  summary: {
    gatewayAddress: '198.51.100.7',
    gatewayIdentity: '198.51.100.7',
    tunnelName: 'culvert0',
    localAddress: '10.64.0.2',
    mtuBytes: 1400,
    dnsServers: [],
    routes: [],
    ikeSuite: 'aes256-sha256-modp2048',
    espSuite: 'aes256gcm16',
    authentication: 'mschapv2',
  },
};
