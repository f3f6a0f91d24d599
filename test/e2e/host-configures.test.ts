import { expect, test } from 'vitest';
import { optionValue, readDhcp, writeDhcp } from '../../main/protocol/dhcp/index.ts';
import { windowsInform } from '../protocol/dhcp/stock-informs.ts';
import { officeAddress, officeRoute } from '../support/peers/office.ts';
import { eventually } from '../support/processes.ts';
import { useLinuxScene } from './linux-scene.ts';

const officeIpv6 = '2001:db8:20::1';
const { startHost, stockClient } = useLinuxScene();

test('a client that asks as Windows does is told names and routes, from the host itself', async () => {
  const group = {
    tunnel: 'split',
    routes: [officeRoute, '172.20.0.0/14'],
    dns: { servers: [officeAddress], searchDomains: ['corp.example'] },
  };
  const { host } = await startHost({ config: { groups: { default: group } } });
  const linux = await stockClient();
  await linux.dial();
  const [session] = await host.sessions();
  const address = session?.address ?? '';
  const inform = windowsInform(address);
  const message = Buffer.from(writeDhcp(inform)).toString('hex');
  const said = await linux.guest.exec(`perl /scripts/ask-dhcp.pl ppp0 ${address} ${message}`);
  const { op, xid, ciaddr, yiaddr, options } = readDhcp(Buffer.from(said.trim(), 'hex'));
  expect({ op, xid, ciaddr, yiaddr }).toEqual({ op: 'reply', xid: inform.xid, ciaddr: address, yiaddr: '0.0.0.0' });
  expect(optionValue(options, 'dnsServers')).toEqual([officeAddress]);
  expect(optionValue(options, 'domainName')).toBe('corp.example');
  for (const name of ['classlessRoutes', 'microsoftRoutes'] as const) {
    expect(optionValue(options, name)).toMatchObject([{ network: officeRoute }, { network: '172.20.0.0/14' }]);
  }
});

test("Linux's own PPP takes an IPv6 prefix and a router from the host's advertisement, and reaches the office by them", async () => {
  const config = { pools: { clients: { ranges: ['10.64.0.0/18'], ipv6Prefix: '2001:db8:64::/56' } } };
  const { gateway } = await startHost({ config });
  const linux = await stockClient({ pppLines: ['+ipv6', 'ipv6cp-accept-local'] });
  await linux.dial();
  const address = await eventually('an address of the prefix', 30_000, async () => {
    const shown = await linux.guest.exec('ip -6 -o address show dev ppp0 scope global');
    return /inet6 (2001:db8:64:[0-9a-f:]+)\/64/.exec(shown)?.[1];
  });
  await gateway.exec(['ip', 'address', 'add', `${officeIpv6}/64`, 'dev', 'lo']);
  await gateway.exec(['ping', '-6', '-q', '-c3', '-w20', '-I', officeIpv6, address]);
  await linux.guest.exec(`ping -6 -q -c3 -w20 ${officeIpv6}`);
});
