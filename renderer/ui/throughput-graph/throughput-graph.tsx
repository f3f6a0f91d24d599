import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { TrafficSample } from '../../../main/contracts/app-state/traffic.ts';
import { graphOptions } from './graph-options.ts';
import styles from './throughput-graph.module.css';

interface GraphProps {
  /** The oldest first. */
  readonly samples: readonly TrafficSample[];
  /** How much of the time before the newest one is in sight. */
  readonly shownSeconds: number;
  /** For who does not see it. */
  readonly describe: string;
}

/** What was received and sent, over time. */
export function ThroughputGraph({ samples, shownSeconds, describe }: GraphProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = useRef<uPlot.AlignedData>([[], [], []]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(graphOptions(element, shownSeconds), data.current, element);
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
  }, [shownSeconds]);
  useEffect(() => {
    data.current = [
      samples.map(({ at }) => at / 1000),
      samples.map(({ receivedPerSecond }) => receivedPerSecond * 8),
      samples.map(({ sentPerSecond }) => sentPerSecond * 8),
    ];
    plot.current?.setData(data.current);
  }, [samples]);
  return <div ref={place} className={styles.graph} role="img" aria-label={describe} />;
}
