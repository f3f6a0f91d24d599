import type { Page } from '@playwright/test';

const mostPresses = 60;

/** Presses a key until what has the focus is called `name`. */
export async function pressUntilFocused(page: Page, key: string, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < mostPresses; presses++) {
    await page.keyboard.press(key);
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const labels =
        element instanceof HTMLElement && 'labels' in element
          ? (element.labels as NodeListOf<HTMLElement> | null)
          : null;
      return (element?.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element?.textContent ?? '').trim();
    });
    seen.push(focused);
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
  }
  throw new Error(`${String(name)} never had the focus; ${seen.join(' | ').slice(0, 600)}`);
}
