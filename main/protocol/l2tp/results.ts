import { printable } from '../wire/text.ts';
import type { AvpValues } from './avps.ts';
import type { ResultFacts } from './facts.ts';

/** Result codes of StopCCN (RFC 2661 §4.4.2). */
export const stopResult = {
  clear: 1,
  generalError: 2,
  channelExists: 3,
  notAuthorized: 4,
  versionNotSupported: 5,
  shuttingDown: 6,
  stateMachineError: 7,
} as const;

/** Result codes of CDN (RFC 2661 §4.4.2). */
export const callResult = {
  carrierLost: 1,
  generalError: 2,
  administrative: 3,
  facilitiesBusy: 4,
  facilitiesMissing: 5,
  invalidDestination: 6,
  noCarrier: 7,
  busy: 8,
  noDialTone: 9,
  setupTimedOut: 10,
  noFraming: 11,
} as const;

/** What a result code of 2 is about (RFC 2661 §4.4.2). */
export const generalError = {
  noControlConnection: 1,
  wrongLength: 2,
  valueOutOfRange: 3,
  insufficientResources: 4,
  invalidSession: 5,
  vendorSpecific: 6,
  tryAnother: 7,
  unknownMandatoryAvp: 8,
} as const;

/** The protocol version a StopCCN of result 5 offers, where an error code otherwise is: 1, revision 0. */
export const offeredVersion = 0x0100;

const longestText = 255;

/** Text of our own, short enough for any AVP. */
export function clip(text: string): string {
  return text.slice(0, longestText);
}

export function clipResult({ resultCode, errorCode, message }: ResultFacts): ResultFacts {
  return {
    resultCode,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(message === undefined ? {} : { message: clip(message) }),
  };
}

/** What a StopCCN or CDN says; one that says nothing counts as a plain end. */
export function readResult(said: AvpValues['resultCode']): ResultFacts {
  if (said === undefined) return { resultCode: stopResult.clear };
  const { resultCode, errorCode, message } = said;
  return {
    resultCode: inOrder(resultCode),
    ...(errorCode === undefined ? {} : { errorCode: inOrder(errorCode) }),
    ...(message === undefined ? {} : { message: printable(message) }),
  };
}

/** Apple's clients send these codes with their bytes swapped; no code needs the upper byte. */
function inOrder(code: number): number {
  return code > 0xff && (code & 0xff) === 0 ? code >> 8 : code;
}
