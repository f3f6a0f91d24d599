import type { AttributeValues } from '../wire/attributes.ts';

export interface Burst {
  readonly bitsPerSecond: number;
  /** Bursts are allowed while the average stays below. */
  readonly thresholdBitsPerSecond: number;
  /** Over which the average is taken. */
  readonly seconds: number;
}

export interface DirectionLimit {
  readonly bitsPerSecond: number;
  readonly burst: Burst | undefined;
}

/** `undefined` in a direction: no limit. */
export interface RateLimit {
  readonly fromUser: DirectionLimit | undefined;
  readonly toUser: DirectionLimit | undefined;
}

/** The limits that an answer sets; MikroTik's, which says more, before WISPr's. `malformed`: a text of neither form. */
export function readRateLimit(values: AttributeValues): RateLimit | 'malformed' | undefined {
  const { mikrotikRateLimit, wisprBandwidthMaxUp, wisprBandwidthMaxDown } = values;
  if (mikrotikRateLimit !== undefined) return parseMikrotikRateLimit(mikrotikRateLimit) ?? 'malformed';
  if (wisprBandwidthMaxUp === undefined && wisprBandwidthMaxDown === undefined) return undefined;
  return { fromUser: limit(wisprBandwidthMaxUp ?? 0), toUser: limit(wisprBandwidthMaxDown ?? 0) };
}

function limit(bitsPerSecond: number, burst?: Burst): DirectionLimit | undefined {
  return bitsPerSecond === 0 ? undefined : { bitsPerSecond, burst };
}

interface Pair {
  readonly fromUser: number;
  readonly toUser: number;
}

/**
 * MikroTik's `rx[/tx] [burst rx[/tx] [threshold rx[/tx] [seconds rx[/tx] [priority [least rx[/tx]]]]]]`, seen from the
 * gateway: rx is what the user sends. Numbers may end in k or M; what is missing is as its neighbour; 0 is no limit.
 */
export function parseMikrotikRateLimit(text: string): RateLimit | undefined {
  const words = text.split(/[\s\0]+/).filter((word) => word !== '');
  const [rateText, burstText, thresholdText, secondsText, priority, leastText] = words;
  const rate = pair(rateText);
  const burst = pair(burstText ?? '0');
  const threshold = pair(thresholdText ?? '0');
  const seconds = pair(secondsText ?? '1');
  if (!rate || !burst || !threshold || !seconds || words.length > 6) return undefined;
  if (!/^[1-8]$/.test(priority ?? '8') || pair(leastText ?? '0') === undefined) return undefined;
  const direction = (way: keyof Pair): DirectionLimit | undefined =>
    limit(
      rate[way],
      burst[way] <= rate[way]
        ? undefined
        : {
            bitsPerSecond: burst[way],
            thresholdBitsPerSecond: threshold[way] || rate[way],
            seconds: seconds[way] || 1,
          },
    );
  return { fromUser: direction('fromUser'), toUser: direction('toUser') };
}

const multipliers: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

function pair(text: string | undefined): Pair | undefined {
  const [first = '', second = first, ...excess] = (text ?? '').split('/');
  const [fromUser, toUser] = [quantity(first), quantity(second)];
  if (fromUser === undefined || toUser === undefined || excess.length > 0) return undefined;
  return { fromUser, toUser };
}

function quantity(text: string): number | undefined {
  const [, digits, suffix = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? [];
  const multiplier = multipliers[suffix.toLowerCase()];
  return digits === undefined || multiplier === undefined ? undefined : Number(digits) * multiplier;
}
