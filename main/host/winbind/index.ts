/** MS-CHAPv2 judged by a Windows domain that this machine has joined: Samba's `ntlm_auth`, which asks its winbindd. */
export { NtlmAuth, type ChangeAnswer, type NtlmAccount, type NtlmAnswer, type NtlmAuthConfig } from './ntlm-auth.ts';
export { ntlmRefusals } from './statuses.ts';
