/** One fresh key pair in a group, with the encodings of IKE. */
export interface KeyPair {
  readonly publicValue: Uint8Array;
  /** `undefined` where the peer's value is not an element of the group. */
  agree(peerPublicValue: Uint8Array): Uint8Array | undefined;
}

/** A Diffie-Hellman group: makes a key pair for each exchange. Only known-answer tests name the private key. */
export type DhGroup = (privateKey?: Uint8Array) => KeyPair;
