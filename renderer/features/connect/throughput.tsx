import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { keptSamples } from '../../../main/contracts/app-state/limits.ts';
import type { TrafficSample } from '../../../main/contracts/app-state/traffic.ts';
import { call } from '../../store/client.ts';
import { useMirror, useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Card } from '../../ui/card/card.tsx';
import { formatBytes, formatRate } from '../../ui/format.ts';
import { graphOptions } from './graph-options.ts';
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
      <Graph describe={text.describe(received, sent)} />
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

function Graph({ describe }: { readonly describe: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const samples = useSamples();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(graphOptions(element), [[], [], []], element);
    };
    draw();
    const size = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    size.observe(element);
    // Canvas colours are not the style sheet's: they are read anew when the theme changes.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      size.disconnect();
      theme.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => {
    plot.current?.setData([
      samples.map(({ at }) => at / 1000),
      samples.map(({ receivedPerSecond }) => receivedPerSecond * 8),
      samples.map(({ sentPerSecond }) => sentPerSecond * 8),
    ]);
  }, [samples]);
  return <div ref={place} className={styles.graph} role="img" aria-label={describe} />;
}

/** The samples of the last hour: those from before the page was shown, and each new one. */
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
