import { parseArgs } from 'node:util';

/**
 * @typedef {object} LoadOptions
 * @property {number} sessions
 * @property {number} perSecond
 * @property {number} addresses
 * @property {number} holdSeconds
 * @property {string} [ike]
 * @property {string} [esp]
 * @property {string} [json]
 * @property {string} [cpuProfile]
 */

const usage = `npm run load -- [--sessions N] [--per-second N] [--addresses N] [--hold SECONDS]
                [--ike PROPOSAL] [--esp PROPOSAL] [--json FILE] [--cpu-profile FOLDER]
  --sessions N          how many clients connect, each a user of its own (1000)
  --per-second N        how many begin in each second (60)
  --addresses N         how many addresses they come from; 1 is an office behind one NAT (1)
  --hold SECONDS        how long all stay, each passing a packet every other second (10)
  --ike PROPOSAL        what the clients offer in phase 1, instead of what Culvert's own offers: aes256-sha1-ecp384
  --esp PROPOSAL        … and in phase 2: aes256-sha1
  --json FILE           also write the figures there
  --cpu-profile FOLDER  let the host write there where its time goes, for Chrome's developer tools`;

/** The arguments are wrong, or ask for the usage: the message is all there is to say. */
export class UsageError extends Error {
  /**
   * @param {string} message
   * @param {boolean} isHelp
   */
  constructor(message, isHelp) {
    super(message);
    this.isHelp = isHelp;
  }
}

/**
 * @param {readonly string[]} argv
 * @returns {LoadOptions}
 */
export function parseLoadOptions(argv) {
  if (argv.includes('--help')) throw new UsageError(usage, true);
  const { values } = parsed(argv);
  const number = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ most) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new UsageError(`--${name} takes a number from 1 to ${most}\n${usage}`, false);
    }
    return value;
  };
  const { ike, esp, json } = values;
  const cpuProfile = values['cpu-profile'];
  return {
    sessions: number('sessions', values.sessions, 16_000),
    perSecond: number('per-second', values['per-second'], 1000),
    addresses: number('addresses', values.addresses, 200),
    holdSeconds: number('hold', values.hold, 3600),
    ...(ike !== undefined && { ike }),
    ...(esp !== undefined && { esp }),
    ...(json !== undefined && { json }),
    ...(cpuProfile !== undefined && { cpuProfile }),
  };
}

/** @param {readonly string[]} argv */
function parsed(argv) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        sessions: { type: 'string', default: '1000' },
        'per-second': { type: 'string', default: '60' },
        addresses: { type: 'string', default: '1' },
        hold: { type: 'string', default: '10' },
        ike: { type: 'string' },
        esp: { type: 'string' },
        json: { type: 'string' },
        'cpu-profile': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, false);
  }
}
