/** The numbers of the standards, by the words of this project. */

/** RFC 2865 §5.6, §5.7, §5.41. */
export const serviceType = { framed: 2, authorizeOnly: 17 } as const;
export const framedProtocol = { ppp: 1 } as const;
export const nasPortType = { virtual: 5 } as const;

/** RFC 2866 §5.1, §5.6. */
export const acctStatusType = { start: 1, stop: 2, interim: 3, on: 7, off: 8 } as const;
export const acctAuthentic = { radius: 1, local: 2, remote: 3 } as const;

/** RFC 2866 §5.10. */
export const terminateCauses = {
  userRequest: 1,
  lostCarrier: 2,
  lostService: 3,
  idleTimeout: 4,
  sessionTimeout: 5,
  adminReset: 6,
  adminReboot: 7,
  portError: 8,
  nasError: 9,
  nasRequest: 10,
  nasReboot: 11,
  portUnneeded: 12,
  portPreempted: 13,
  portSuspended: 14,
  serviceUnavailable: 15,
  callback: 16,
  userError: 17,
  hostRequest: 18,
} as const;
export type TerminateCause = keyof typeof terminateCauses;

/** RFC 5176 §3.5, those of a NAS. */
export const errorCauses = {
  unsupportedAttribute: 401,
  missingAttribute: 402,
  nasIdentificationMismatch: 403,
  invalidRequest: 404,
  unsupportedService: 405,
  invalidAttributeValue: 407,
  administrativelyProhibited: 501,
  sessionContextNotFound: 503,
  sessionContextNotRemovable: 504,
  resourcesUnavailable: 506,
  multipleSessionSelectionUnsupported: 508,
} as const;
export type ErrorCause = keyof typeof errorCauses;

/** RFC 2869 §5.10. */
export const prompt = { noEcho: 0, echo: 1 } as const;
