const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'its permissions do not allow it',
  EISDIR: 'it is a folder',
};

const writeErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EEXIST: 'it is there already',
};

/** As `describeSystemError`, where a new file could not be written. */
export function describeWriteError(error: unknown): string {
  return writeErrors[codeOf(error)] ?? describeSystemError(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What the operating system says, as a part of a sentence. */
export function describeSystemError(error: unknown): string {
  return systemErrors[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}
