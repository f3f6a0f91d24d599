/** What was given is not of the form that it claims to be. Caught by whoever took it from a peer, a file or the network. */
export class MalformedError extends Error {
  readonly code = 'certificate.malformed';
}

/** Runs a reader of foreign bytes: whatever a library throws at them, however deep they nest, they are malformed. */
export function readingForeign<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    throw new MalformedError(`${what} cannot be read`);
  }
}
