import { Control, type BerReader } from 'ldapts';
import { elementsOf } from './ber.ts';

/**
 * The password policy control of draft-behera-ldap-password-policy §6, which OpenLDAP and others answer: why somebody was
 * refused, beyond "invalid credentials", and that somebody who was not has to choose a new password first.
 */
export const policyErrors = { 0: 'passwordExpired', 1: 'locked', 2: 'mustChange' } as const;

export type PolicyError = (typeof policyErrors)[keyof typeof policyErrors];

const oid = '1.3.6.1.4.1.42.2.27.8.5.1';
const sequence = 0x30;
const errorTag = 0x81;

export class PasswordPolicyControl extends Control {
  #error: PolicyError | undefined;

  constructor() {
    super(oid);
  }

  /** What the answer said; `undefined` also where it did not carry the control. */
  get error(): PolicyError | undefined {
    return this.#error;
  }

  protected override parseControl(reader: BerReader): void {
    const [value] = elementsOf(reader.remainingBuffer) ?? [];
    if (value?.tag !== sequence) return;
    const error = elementsOf(value.content)?.find(({ tag }) => tag === errorTag);
    const code = error?.content.length === 1 ? error.content[0] : undefined;
    if (code === 0 || code === 1 || code === 2) this.#error = policyErrors[code];
  }
}
