import { expect, test } from 'vitest';
import { Endpoint, config, message } from './support.ts';

test('text of the peer comes without what a terminal would obey', () => {
  const client = new Endpoint(config({ role: 'lac' }));
  client.give({ kind: 'open' });
  const named = { assignedTunnelId: 7, hostName: 'gw\u001b[2J', vendorName: 'acme\u202e' };
  client.give({ kind: 'message', bytes: message('SCCRP', named, { tunnelId: 0x1111, ns: 0, nr: 1 }) });
  expect(client.last('tunnelUp')).toMatchObject({ remoteHostName: 'gw [2J', remoteVendor: 'acme' });
  const resultCode = { resultCode: 1, errorCode: 0, message: 'bye\u001b]0;pwned\u0007' };
  client.give({ kind: 'message', bytes: message('StopCCN', { resultCode }, { tunnelId: 0x1111, ns: 1, nr: 2 }) });
  expect(client.last('closed').cause).toMatchObject({ code: 'stopped', message: 'bye ]0;pwned' });
});
