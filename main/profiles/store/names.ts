import { profile } from '../../contracts/profile.ts';

const longestName = 31;

/** A name like `wanted` that is not taken: `office`, `office-2` … */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  const base = nameFrom(wanted);
  if (!isTaken(base)) return base;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const name = `${base.slice(0, longestName - suffix.length)}${suffix}`;
    if (!isTaken(name)) return name;
  }
}

/** Text brought into the form of a name: `Head Office` becomes `head-office`. */
export function nameFrom(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, longestName);
  return profile.shape.name.safeParse(plain).success ? plain : 'profile';
}
