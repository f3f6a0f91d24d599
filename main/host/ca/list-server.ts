import { createServer, type Server } from 'node:http';

/** What anybody may fetch: both are public, and signed. DER. */
export interface Served {
  readonly list: Uint8Array;
  readonly authority: Uint8Array;
}

const types: Readonly<Record<string, { readonly what: keyof Served; readonly type: string }>> = {
  '/ca.crl': { what: 'list', type: 'application/pkix-crl' },
  '/ca.crt': { what: 'authority', type: 'application/pkix-cert' },
};

const mostConnections = 64;
const patienceMs = 5000;

/** Answers GET of two paths, from memory, and closes. Rejects where the port cannot be had. */
export async function serveRevocationList(
  { address, port }: { readonly address: string; readonly port: number },
  served: () => Served | undefined,
): Promise<Server> {
  const server = createServer(
    { headersTimeout: patienceMs, requestTimeout: patienceMs, keepAlive: false, maxHeaderSize: 4096 },
    (request, response) => {
      const known = request.method === 'GET' || request.method === 'HEAD' ? types[request.url ?? ''] : undefined;
      const content = served();
      response.setHeader('connection', 'close');
      if (known === undefined || content === undefined) {
        response.writeHead(404).end();
        return;
      }
      const bytes = content[known.what];
      response.writeHead(200, {
        'content-type': known.type,
        'content-length': bytes.length,
        'cache-control': 'max-age=3600',
      });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    },
  );
  server.maxConnections = mostConnections;
  server.setTimeout(patienceMs, (socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  server.removeAllListeners('error');
  // Whatever befalls a connection is that connection's.
  server.on('error', () => undefined);
  return server;
}
