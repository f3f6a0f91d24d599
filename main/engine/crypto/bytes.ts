/** Node's Buffer as what it is underneath: the same bytes, without Buffer's methods. */
export function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

export function leftPad(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  if (bytes.length === lengthBytes) return plain(bytes);
  const padded = new Uint8Array(lengthBytes);
  padded.set(bytes, lengthBytes - bytes.length);
  return padded;
}
