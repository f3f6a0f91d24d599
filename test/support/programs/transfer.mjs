// Carries bytes over TCP to or from an office (office-server.mjs) and compares both ends' SHA-256.
// Arguments: ADDRESS send|receive BYTES [IDLE-SECONDS]. Prints one JSON object; exits 1 when it fails.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

const [address = '', direction = 'send', count = '0', idleSeconds = '30'] = process.argv.slice(2);
const byteCount = Number(count);
const digestLength = 64;

const socket = connect({ host: address, port: direction === 'send' ? 5001 : 5002 });
socket.setTimeout(Number(idleSeconds) * 1000, () => socket.destroy(new Error(`nothing moved for ${idleSeconds} s`)));

/**
 * Reads `bodyBytes`, then the digest that ends the answer.
 *
 * @param {number} bodyBytes
 */
async function readAnswer(bodyBytes) {
  const hash = createHash('sha256');
  let left = bodyBytes;
  let digest = '';
  for await (const piece of socket) {
    const chunk = /** @type {Buffer} */ (piece);
    const body = chunk.subarray(0, left);
    hash.update(body);
    left -= body.length;
    digest += chunk.subarray(body.length).toString('latin1');
    if (digest.trim().length === digestLength) break;
  }
  socket.destroy();
  return { bodySha256: hash.digest('hex'), remoteSha256: digest.trim() };
}

async function send() {
  const hash = createHash('sha256');
  const block = randomBytes(65536);
  for (let left = byteCount; left > 0; left -= block.length) {
    const chunk = left < block.length ? block.subarray(0, left) : block;
    hash.update(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  const { remoteSha256 } = await readAnswer(0);
  return { localSha256: hash.digest('hex'), remoteSha256 };
}

async function receive() {
  const { bodySha256, remoteSha256 } = await readAnswer(byteCount);
  return { localSha256: bodySha256, remoteSha256 };
}

try {
  await once(socket, 'connect');
  const startMs = performance.now();
  socket.write(`${byteCount}\n`);
  const ends = direction === 'send' ? await send() : await receive();
  console.log(JSON.stringify({ bytes: byteCount, tookMs: performance.now() - startMs, ...ends }));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
