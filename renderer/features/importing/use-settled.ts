import { useEffect, useState } from 'react';

const settlingMs = 500;

/** Not before somebody can have seen it: what comes from elsewhere must not slip under a click that was meant for something else. */
export function useSettled(): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(true);
    }, settlingMs);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return isSettled;
}
