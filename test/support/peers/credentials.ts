/** What every peer accepts unless a test says otherwise. */
export const preSharedKey = 'a shared key of the test network';
export const userName = 'alice';
export const password = 'alice-password';
