import { userName } from '../../contracts/host-forms.ts';

/** How users and addresses are called where they are counted and written down. */

/** For a record; nothing where nobody said who they are, or not by what can be a name. */
export function nameOf(user: string): { readonly user?: string } {
  return isName(user) ? { user } : {};
}

export function isName(user: string): boolean {
  return userName.safeParse(user).success;
}

/** Without the interface of a link-local one. */
export function auditAddress(address: string): string {
  return address.replace(/%.*$/, '');
}
