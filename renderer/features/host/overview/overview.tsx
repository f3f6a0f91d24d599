import type { HostStatus } from '../../../../main/contracts/host-control.ts';
import { strings } from '../../../strings/index.ts';
import { Card } from '../../../ui/card/card.tsx';
import { Facts } from '../../../ui/facts/facts.tsx';
import { formatMoment } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice/notice.tsx';
import { useHostValue } from '../use-host-value.ts';
import { HostThroughput } from './host-throughput.tsx';
import { Sessions } from './sessions.tsx';

const text = strings.host.overview;

/** A host that is on: who is there, what it carries, and how it is. */
export function Overview({ status }: { readonly status: HostStatus }) {
  const { listening, startedAt, sessions, signIns, pools, concerns, configuration } = status;
  return (
    <>
      {concerns.map((concern) => (
        <Notice key={concern} kind="warning" title={text.attention}>
          {concern}
        </Notice>
      ))}
      <Sessions />
      <HostThroughput status={status} />
      <Card title={text.title}>
        <Facts
          rows={[
            [
              text.listening,
              listening
                .map(({ address, ikePort, natTraversalPort }) => text.place(address, ikePort, natTraversalPort))
                .join('; '),
            ],
            [text.since, formatMoment(Date.parse(startedAt))],
            [text.sessions, text.sessionsText(sessions.online, sessions.limit, sessions.sinceStart)],
            [text.signIns, text.signInsText(signIns.succeeded, signIns.failed)],
            ...pools.map(({ name, addresses, taken }) => [text.pool(name), text.poolText(taken, addresses)] as const),
            [strings.host.versions.file, <span className="mono">{configuration.file}</span>],
          ]}
        />
      </Card>
      <Failures />
    </>
  );
}

function Failures() {
  const { value } = useHostValue('host.failures');
  if (value === undefined || value.length === 0) return null;
  return (
    <Card title={text.failures}>
      <ul className="selectable">
        {value.slice(0, 5).map(({ failure: { at, source, user, reason }, what, fix }) => (
          <li key={`${at} ${source} ${reason}`}>
            <p>
              <time dateTime={at} className="muted">
                {formatMoment(Date.parse(at))}
              </time>{' '}
              {text.failure(user === undefined ? source : text.from(user, source), what)}
            </p>
            <p className="muted">{fix}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
