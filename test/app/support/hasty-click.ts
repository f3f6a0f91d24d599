import type { Page } from '@playwright/test';

/**
 * Clicks the main button of the dialog that says `text` the moment it is there, as a click does that was on its way.
 *
 * @returns whether it has clicked
 */
export async function clickWhenShown(page: Page, text: string): Promise<() => Promise<boolean>> {
  const clicked = await page.evaluateHandle((said) => {
    const state = { has: false };
    const watching = new MutationObserver(() => {
      const dialog = document.querySelector('[role=dialog]');
      if (dialog?.textContent.includes(said) !== true) return;
      watching.disconnect();
      dialog.querySelector<HTMLButtonElement>('button[type=submit]')?.click();
      state.has = true;
    });
    watching.observe(document.body, { childList: true, subtree: true, characterData: true });
    return state;
  }, text);
  return () => clicked.evaluate(({ has }) => has);
}
