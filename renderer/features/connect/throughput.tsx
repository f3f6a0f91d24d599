import { useEffect, useState } from 'react';
import { keptSamples, shownSeconds } from '../../../main/contracts/app-state/limits.ts';
import type { TrafficSample } from '../../../main/contracts/app-state/traffic.ts';
import { call } from '../../store/client.ts';
import { useMirror, useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Card } from '../../ui/card/card.tsx';
import { formatBytes, formatRate } from '../../ui/format.ts';
import { ThroughputGraph } from '../../ui/throughput-graph/throughput-graph.tsx';
import styles from './throughput.module.css';

const text = strings.connect.traffic;

/** What goes through the tunnel, now and for the last minutes. */
export function Throughput() {
  const { newest, receivedBytes, sentBytes } = useSlice('traffic');
  const received = formatRate(newest?.receivedPerSecond ?? 0);
  const sent = formatRate(newest?.sentPerSecond ?? 0);
  return (
    <Card title={text.title}>
      <dl className={styles.figures}>
        <Figure name={text.received} rate={received} total={receivedBytes} kind="received" />
        <Figure name={text.sent} rate={sent} total={sentBytes} kind="sent" />
      </dl>
      <ThroughputGraph samples={useSamples()} shownSeconds={shownSeconds} describe={text.describe(received, sent)} />
    </Card>
  );
}

interface FigureProps {
  readonly name: string;
  readonly rate: string;
  readonly total: string;
  readonly kind: 'received' | 'sent';
}

function Figure({ name, rate, total, kind }: FigureProps) {
  return (
    <div className={styles.figure} data-kind={kind}>
      <dt>{name}</dt>
      <dd>
        <span className={styles.rate}>{rate}</span>
        <span className={styles.total}>{text.total(formatBytes(Number(total)))}</span>
      </dd>
    </div>
  );
}

/** The newest samples: those from before the page was shown, and each new one. */
function useSamples(): readonly TrafficSample[] {
  const [samples, setSamples] = useState<readonly TrafficSample[]>([]);
  useEffect(() => {
    let current = true;
    void call('connection.traffic').then((result) => {
      if (current && result.ok) setSamples(result.value);
    });
    const stop = useMirror.subscribe(({ traffic }, before) => {
      const newest = traffic?.newest;
      if (newest === undefined || traffic === before.traffic) return;
      setSamples((known) => [...known.filter(({ at }) => at < newest.at), newest].slice(-keptSamples));
    });
    return () => {
      current = false;
      stop();
    };
  }, []);
  return samples;
}
