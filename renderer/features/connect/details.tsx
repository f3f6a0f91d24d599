import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import { strings } from '../../strings/index.ts';
import { Card } from '../../ui/card/card.tsx';
import { Facts } from '../../ui/facts/facts.tsx';

const text = strings.connect.details;
const shownRoutes = 12;

export function ConnectionDetails({
  connection,
}: {
  readonly connection: Extract<ConnectionSlice, { at: 'connected' }>;
}) {
  const { summary, tookMs } = connection;
  return (
    <Card title={text.title}>
      <Facts
        rows={[
          [text.address, <span className="mono">{summary.localAddress}</span>],
          [text.gateway, `${summary.gatewayAddress} (${text.identity(summary.gatewayIdentity)})`],
          [text.ike, summary.ikeSuite],
          [text.esp, summary.espSuite],
          [text.signIn, summary.authentication],
          [text.routes, routesText(summary.routes)],
          [text.dns, summary.dnsServers.join(', ') || text.unchanged],
          [text.mtu, text.bytes(summary.mtuBytes)],
          [text.tunnel, <span className="mono">{summary.tunnelName}</span>],
          [text.connectedIn, strings.connect.phases.milliseconds(tookMs)],
        ]}
      />
    </Card>
  );
}

function routesText(routes: readonly string[]): string {
  if (routes.includes('0.0.0.0/0') || (routes.includes('0.0.0.0/1') && routes.includes('128.0.0.0/1'))) {
    return text.everything;
  }
  const shown = routes.slice(0, shownRoutes).join(', ');
  return routes.length > shownRoutes ? `${shown} ${text.moreRoutes(routes.length - shownRoutes)}` : shown;
}
