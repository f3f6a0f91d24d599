import { call } from '../../store/client.ts';

/** The largest that is a profile; one byte more is enough to be refused for that. */
const largestBytes = 2 ** 20;

/** The page reads what the user gave it; no path is ever told. */
export async function takeFile(file: File): Promise<void> {
  const text = await file.slice(0, largestBytes + 1).text();
  await call('profiles.considerImport', { text, source: file.name.slice(0, 255) });
}
