/** A Diffie-Hellman group with the encodings of IKE; exchanges keep their own private keys. */
export interface DhGroup {
  createPrivateKey(): Uint8Array;
  publicValue(privateKey: Uint8Array): Uint8Array;
  /** `undefined` where the peer's value is not an element of the group. */
  agree(privateKey: Uint8Array, peerPublicValue: Uint8Array): Uint8Array | undefined;
}
