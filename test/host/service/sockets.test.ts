import { expect, test } from 'vitest';
import { hostConfig } from '../../../main/contracts/host-config.ts';
import { isHeard } from '../../../main/host/service/sockets.ts';

const pools = { office: { ranges: ['10.99.0.0/24'] } };
const remote = { address: '198.51.100.9', port: 500 };

test.each([
  [['0.0.0.0', '::'], '203.0.113.40', true],
  [['0.0.0.0', '::'], '2001:db8::1', true],
  [['0.0.0.0'], '2001:db8::1', false],
  [['203.0.113.40', '2001:db8::1'], '203.0.113.40', true],
  [['203.0.113.40', '2001:db8::1'], '203.0.113.41', false],
])('a host that listens at %j hears what came to %s: %s', (addresses, local, expected) => {
  const config = hostConfig.parse({ pools, listen: { addresses } });
  expect(isHeard(config, { kind: 'ike', socket: 'ike', remote, local })).toBe(expected);
});
