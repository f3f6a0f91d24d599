import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { contentPolicy, securityHeaders } from './content-policy.ts';

/** The window's page, and nothing else, is at this origin. */
export const pageScheme = 'app';
export const pageOrigin = 'app://culvert';
export const pageAddress = `${pageOrigin}/index.html`;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** What index.html has where its nonce goes. */
const noncePlace = '__NONCE__';

/** Answers requests of the window for its files: those that the build made, by name, so that no path leads elsewhere. */
export class PageFiles {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;

  constructor(folder: string) {
    this.#folder = folder;
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    this.#names = new Set(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .replaceAll('\\', '/'),
        ),
    );
  }

  async answer(request: { readonly url: string; readonly method: string }): Promise<Response> {
    const url = new URL(request.url);
    const name = url.pathname.slice(1);
    const type = types[extname(name)];
    if (
      request.method !== 'GET' ||
      url.origin !== originOf(pageOrigin) ||
      type === undefined ||
      !this.#names.has(name)
    ) {
      return new Response('Not found', { status: 404, headers: headersOf('text/plain', '') });
    }
    const content = await readFile(join(this.#folder, name));
    if (extname(name) !== '.html') return new Response(new Uint8Array(content), { headers: headersOf(type, '') });
    const nonce = randomBytes(16).toString('base64');
    return new Response(content.toString('utf8').replaceAll(noncePlace, nonce), { headers: headersOf(type, nonce) });
  }
}

/** As `URL` puts it: the origin of a scheme that it does not know is "null" in Node, and itself in Electron. */
function originOf(origin: string): string {
  return new URL(origin).origin;
}

function headersOf(type: string, nonce: string): Record<string, string> {
  return { ...securityHeaders, 'Content-Type': type, 'Content-Security-Policy': contentPolicy(nonce) };
}
