import { useMemo, useState } from 'react';
import type { HostStatus, TrafficSample } from '../../../../main/contracts/host-control.ts';
import { strings } from '../../../strings/index.ts';
import { Card } from '../../../ui/card/card.tsx';
import { Choice } from '../../../ui/choice/choice.tsx';
import { Facts } from '../../../ui/facts/facts.tsx';
import { formatRate } from '../../../ui/format.ts';
import { ThroughputGraph } from '../../../ui/throughput-graph/throughput-graph.tsx';
import { useTraffic } from './use-traffic.ts';

const text = strings.host.overview;

const spans = {
  minutes: { of: 'hour', seconds: 600 },
  hour: { of: 'hour', seconds: 3600 },
  day: { of: 'day', seconds: 86_400 },
} as const;
type Span = keyof typeof spans;
const spanOptions = (Object.keys(spans) as Span[]).map((value) => ({ value, label: text.spans[value] }));

/** What all clients send and are sent. */
export function HostThroughput({ status }: { readonly status: HostStatus }) {
  const [span, setSpan] = useState<Span>('minutes');
  const traffic = useTraffic(status.traffic?.atMs);
  const { of, seconds } = spans[span];
  const samples = useMemo(() => traffic[of].map(forGraph), [traffic, of]);
  const received = formatRate(status.traffic?.receivedBytesPerSecond ?? 0);
  const sent = formatRate(status.traffic?.sentBytesPerSecond ?? 0);
  return (
    <Card title={text.traffic}>
      <Facts
        rows={[
          [text.received, received],
          [text.sent, sent],
        ]}
      />
      <Choice label={text.span} value={span} options={spanOptions} onChange={setSpan} />
      <ThroughputGraph samples={samples} shownSeconds={seconds} describe={text.describe(received, sent)} />
    </Card>
  );
}

function forGraph({ atMs, receivedBytesPerSecond, sentBytesPerSecond }: TrafficSample) {
  return { at: atMs, receivedPerSecond: receivedBytesPerSecond, sentPerSecond: sentBytesPerSecond };
}
