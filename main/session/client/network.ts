import type { ConnectionSummary } from '../../contracts/events.ts';
import { dnsServers, networkPlan, networksBehindGateway, officePolicy, type PlanFacts } from './plan.ts';
import type { Turn } from './turn.ts';

function planFacts(turn: Turn): PlanFacts | undefined {
  const { config, call, ipv4, ipv6LinkLocal } = turn.state;
  if (call === undefined || ipv4 === undefined) return undefined;
  return {
    name: config.name,
    profile: config.profile,
    gatewayAddress: config.gatewayAddress,
    kernelHasIpv6: config.kernelHasIpv6,
    ipv4,
    ...(ipv6LinkLocal !== undefined && { ipv6LinkLocal }),
    mtuBytes: call.mtuBytes,
  };
}

export function applyNetwork(turn: Turn): void {
  const facts = planFacts(turn);
  if (facts === undefined) return;
  turn.effects.push({ kind: 'broker', task: 'applyNetwork', request: { kind: 'applyPlan', plan: networkPlan(facts) } });
}

/** The plan holds; a branch lets the office in now, since only a plan's groups have members. */
export function networkApplied(turn: Turn, tunnelName: string): void {
  const facts = planFacts(turn);
  if (facts === undefined) return;
  const policy = officePolicy(facts);
  if (policy === undefined) {
    connected(turn, facts, tunnelName);
    return;
  }
  turn.set({ life: { at: 'admitting', tunnelName } });
  turn.effects.push({
    kind: 'broker',
    task: 'admitOffice',
    request: { kind: 'setSessionPolicy', session: turn.state.config.attempt, ...policy },
  });
}

export function officeAdmitted(turn: Turn, tunnelName: string): void {
  const facts = planFacts(turn);
  if (facts !== undefined) connected(turn, facts, tunnelName);
}

function connected(turn: Turn, planned: PlanFacts, tunnelName: string): void {
  const { config, facts } = turn.state;
  const { ipv4, profile, mtuBytes } = planned;
  const routes = networksBehindGateway(planned);
  const servers = dnsServers(planned);
  turn.enter('dns', profile.network.mode === 'full' ? 'full tunnel' : routes.join(', '));
  turn.enter('online', servers.length === 0 ? 'unchanged' : servers.join(', '));
  turn.set({ life: { at: 'up' } });
  const connection: ConnectionSummary = {
    gatewayAddress: config.gatewayAddress,
    gatewayIdentity: facts.gatewayIdentity,
    tunnelName,
    localAddress: ipv4.localAddress,
    ...(ipv4.remoteAddress !== undefined && { remoteAddress: ipv4.remoteAddress }),
    mtuBytes,
    dnsServers: servers,
    routes,
    ikeSuite: facts.ikeSuite,
    espSuite: facts.espSuite,
    authentication: facts.authentication,
  };
  turn.event({ event: 'connected', atMs: turn.atMs, connection });
}
