import { useEffect, useState } from 'react';

const settlingMs = 500;
/** Somebody is still about something else, or sees the window only now. */
const disturbances = ['keydown', 'pointerdown', 'focus'] as const;

/**
 * Not before somebody can have seen it, and has let go of what they did before: a question that comes by itself must not slip under a
 * click or a key that was meant for something else.
 */
export function useSettled(): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    if (isSettled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = (): void => {
      clearTimeout(timer);
      timer = undefined;
      if (document.hidden) return;
      timer = setTimeout(() => {
        setSettled(true);
      }, settlingMs);
    };
    const disturbed = (event: Event): void => {
      // To go from one field to the next is to look around.
      if (!(event instanceof KeyboardEvent && event.key === 'Tab')) begin();
    };
    begin();
    for (const disturbance of disturbances) window.addEventListener(disturbance, disturbed, true);
    document.addEventListener('visibilitychange', begin);
    return () => {
      clearTimeout(timer);
      for (const disturbance of disturbances) window.removeEventListener(disturbance, disturbed, true);
      document.removeEventListener('visibilitychange', begin);
    };
  }, [isSettled]);
  return isSettled;
}
