import type { Locator, Page } from '@playwright/test';
import { eventually } from '../../support/processes.ts';

const mostPresses = 60;

/** Presses a key until what has the focus is called `name`. */
export async function pressUntilFocused(page: Page, key: string, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < mostPresses; presses++) {
    await page.keyboard.press(key);
    const focused = await nameOfFocused(page);
    seen.push(focused);
    if (fits(focused, name)) return;
  }
  throw new Error(`${String(name)} never had the focus; ${seen.join(' | ').slice(0, 600)}`);
}

/** What opens puts the focus where one begins: waits for that. */
export async function begin(page: Page, name: string | RegExp): Promise<void> {
  await eventually(`the focus on ${String(name)}`, 10_000, async () => fits(await nameOfFocused(page), name));
}

/** A question that comes by itself takes no answer before it was in sight for a moment. */
export async function settled(answer: Locator): Promise<void> {
  await eventually(`${String(answer)} takes an answer`, 10_000, () => answer.isEnabled());
}

function fits(focused: string, name: string | RegExp): boolean {
  return typeof name === 'string' ? focused === name : name.test(focused);
}

function nameOfFocused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labels =
      element instanceof HTMLElement && 'labels' in element ? (element.labels as NodeListOf<HTMLElement> | null) : null;
    return (element?.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element?.textContent ?? '').trim();
  });
}

/** Goes on to what is called `name`, and presses a key there. */
export async function press(page: Page, name: string | RegExp, key = 'Enter'): Promise<void> {
  await pressUntilFocused(page, 'Tab', name);
  await page.keyboard.press(key);
}

/** Opens the menu behind a button, and chooses from it. */
export async function choose(page: Page, opener: string | RegExp, item: string | RegExp): Promise<void> {
  await press(page, opener);
  const first = await page.getByRole('menu').locator('[role^=menuitem]').first().innerText();
  if (!fits(first, item)) await pressUntilFocused(page, 'ArrowDown', item);
  await begin(page, item);
  await page.keyboard.press('Enter');
}

/** Goes on to the field of that name, and types in place of what is in it. */
export async function typeInto(page: Page, name: string | RegExp, text: string): Promise<void> {
  await pressUntilFocused(page, 'Tab', name);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

/** Presses a key until `target` has the focus. */
async function goTo(target: Locator, key: string): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses <= mostPresses; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await target.page().keyboard.press(key);
  }
  throw new Error(`${String(target)} never had the focus`);
}

/** As a click, by the keyboard alone. */
export async function use(target: Locator): Promise<void> {
  const role = (await target.getAttribute('role')) ?? '';
  await goTo(target, role.startsWith('menuitem') ? 'ArrowDown' : 'Tab');
  await target.page().keyboard.press('Enter');
}

/** Goes to the tabs by the one that is open, and on to that one. */
export async function openTab(target: Locator): Promise<void> {
  await goTo(target.page().getByRole('tab', { selected: true }), 'Tab');
  await goTo(target, 'ArrowRight');
}

/** Types in place of what is in a field. */
export async function write(target: Locator, text: string): Promise<void> {
  await goTo(target, 'Tab');
  await target.page().keyboard.press('Control+A');
  await target.page().keyboard.type(text);
}
