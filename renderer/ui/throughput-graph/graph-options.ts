import type uPlot from 'uplot';
import { formatClock, formatRate } from '../format.ts';

/** With the style sheet's colours as they are at this moment. */
export function graphOptions(element: HTMLElement, shownSeconds: number): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour('text-muted'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  const line = (name: string): uPlot.Series => ({
    stroke: colour(name),
    fill: `color-mix(in srgb, ${colour(name)} 12%, transparent)`,
    width: 2,
    points: { show: false },
  });
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: true, range: (_plot, _least, most) => upTo(most, shownSeconds) },
      // Never a scale so fine that a keep-alive looks like traffic.
      y: { range: (_plot, _least, most) => [0, Math.max(10_000, most * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 100,
        values: (_plot, values) => values.map((seconds) => formatClock(seconds * 1000)),
      },
      { ...axis, size: 78, values: (_plot, values) => values.map((bits) => formatRate(bits / 8)) },
    ],
    series: [{}, line('received'), line('sent')],
  };
}

/** The last `shownSeconds`; before the first sample, up to now. */
function upTo(newest: number, shownSeconds: number): [number, number] {
  const end = newest > shownSeconds ? newest : Date.now() / 1000;
  return [end - shownSeconds, end];
}
