const window = { lines: 20, ms: 60_000 };

/** Passes a few lines a minute on, and says how many it kept back: strangers shall fill no log. */
export function quieted(say: (text: string) => void): (text: string) => void {
  let beganMs = -Infinity;
  let said = 0;
  return (text) => {
    const nowMs = performance.now();
    if (nowMs - beganMs >= window.ms) {
      if (said > window.lines) say(`${said - window.lines} more such lines in a minute`);
      beganMs = nowMs;
      said = 0;
    }
    said += 1;
    if (said <= window.lines) say(text);
  };
}
