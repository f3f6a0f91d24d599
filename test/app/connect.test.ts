import { expect, test } from 'vitest';
import { password } from '../support/peers/credentials.ts';
import { useAppScene } from './support/scene.ts';

const scene = useAppScene();

test('a click on Connect and the password bring the user online, and another click ends it with nothing left', async () => {
  const { page, client, host } = scene;
  const before = await client.machineState();
  await page.getByRole('button', { name: 'Connect to office' }).click();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  expect(await host.sessions()).toHaveLength(1);
  await page.getByRole('button', { name: 'Disconnect from office' }).click();
  await page.getByRole('button', { name: 'Connect to office' }).waitFor();
  expect(await client.machineState()).toEqual(before);
});
