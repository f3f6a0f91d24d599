import { expect, test } from 'vitest';
import { password, preSharedKey } from '../support/peers/credentials.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { clickWhenShown } from './support/hasty-click.ts';
import { settled } from './support/keyboard.ts';
import { gatewayAddress, useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

const scene = useAppScene({
  profile: { ipsec: { preSharedKey, remoteId: { kind: 'fqdn', value: 'vpn.example.com' } } },
});

test('a gateway of another name is trusted only by an answer to what was seen', async () => {
  const { page, host, app } = scene;
  await page.getByRole('button', { name: 'Connect to office' }).click();
  await page.getByLabel('Password', { exact: true }).fill(password);
  const hasty = await clickWhenShown(page, 'The gateway is not the one expected');
  await page.keyboard.press('Enter');

  const dialog = page.getByRole('dialog', { name: 'The gateway is not the one expected' });
  const trust = dialog.getByRole('button', { name: 'Trust it and connect' });
  await settled(trust);
  expect(await hasty()).toBe(true);
  expect(await host.sessions()).toHaveLength(0);
  await dialog.getByText(gatewayAddress).waitFor();
  await dialog.getByText('vpn.example.com').waitFor();
  await inEveryForm(app, page, 'identity', () => checkAccessibility(page));
  await trust.click();
  await page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  expect(await host.sessions()).toHaveLength(1);
});
