// Stands in for a gateway on ports 500 and 4500 and passes datagrams on to it, late: a long way for tests on a kernel
// without netem. To the gateway it looks like a NAT: each of the client's endpoints gets a socket of its own.
// Arguments: one JSON object { listen, gateway, ports, delayMs, jitterMs, loss, seed }.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** @type {{ listen: string, gateway: string, ports: number[], delayMs: number, jitterMs: number, loss: number, seed: number }} */
const { listen, gateway, ports, delayMs, jitterMs, loss, seed } = JSON.parse(process.argv[2] ?? '{}');

/** mulberry32, as test/support/random.ts. */
let state = seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** @param {() => void} deliver */
function later(deliver) {
  if (random() < loss) return;
  const waitMs = delayMs + random() * jitterMs;
  if (waitMs === 0) deliver();
  else setTimeout(deliver, waitMs);
}

/** @param {number} port */
async function relay(port) {
  const front = createSocket('udp4');
  /** @type {Map<string, import('node:dgram').Socket>} */
  const flows = new Map();
  front.on('message', (message, client) => {
    const key = `${client.address}:${client.port}`;
    let back = flows.get(key);
    if (back === undefined) {
      back = createSocket('udp4');
      back.on('error', () => undefined); // an ICMP answer to what was relayed is the client's to miss
      back.on('message', (answer) => later(() => front.send(answer, client.port, client.address)));
      flows.set(key, back);
    }
    const towards = back;
    later(() => towards.send(message, port, gateway));
  });
  front.on('error', () => undefined);
  front.bind(port, listen);
  await once(front, 'listening');
}

await Promise.all(ports.map(relay));
console.log('ready');
