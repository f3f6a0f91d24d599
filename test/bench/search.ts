export interface Trial {
  /** What was really sent. */
  readonly packetsPerSecond: number;
  /** Of the packets sent, 0 to 1. */
  readonly loss: number;
}

export interface SearchOptions {
  readonly startRate: number;
  readonly maximumLoss: number;
  /** By how much the rate grows until one fails, above 1. */
  readonly growth: number;
  /** How close the failed rate has to come to the one that held, as a factor above 1. */
  readonly precision: number;
  /** Below this there is nothing to find. */
  readonly lowestRate: number;
}

/** A sender that was asked for more and sent no more than this factor of its best, so many times, has nothing more to give. */
const saturated = { gain: 1.02, times: 2 } as const;

/**
 * The highest rate, as really sent, at which no more than `maximumLoss` is lost: grows until a rate fails, then halves the
 * distance, in proportion. One bad moment of the machine fails nothing: a trial that failed is made again.
 *
 * @throws where not even `lowestRate` holds
 */
export async function highestRate(attempt: (rate: number) => Promise<Trial>, options: SearchOptions): Promise<number> {
  const { maximumLoss, growth, precision, lowestRate } = options;
  const holds = ({ loss }: Trial): boolean => loss <= maximumLoss;
  let rate = options.startRate;
  let best = 0;
  let idle = 0;
  let held: number | undefined;
  let failed: number | undefined;
  for (;;) {
    const first = await attempt(rate);
    const trial = holds(first) ? first : await attempt(rate);
    if (holds(trial)) {
      idle = trial.packetsPerSecond > best * saturated.gain ? 0 : idle + 1;
      best = Math.max(best, trial.packetsPerSecond);
      held = rate;
      if (idle === saturated.times) return best;
    } else {
      failed = rate;
    }
    if (held !== undefined && failed !== undefined && failed / held <= precision) return best;
    if (held === undefined) rate /= growth;
    else rate = failed === undefined ? rate * growth : Math.sqrt(held * failed);
    if (rate < lowestRate)
      throw new Error(`more than ${maximumLoss * 100}% are lost even at ${lowestRate} packets a second`);
  }
}
