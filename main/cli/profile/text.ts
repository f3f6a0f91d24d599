import type { Profile } from '../../contracts/profile.ts';
import type {
  ImportPlan,
  Management,
  ProfileEffect,
  ProfileList,
  StoredProfile,
} from '../../contracts/stored-profile.ts';
import { effectsOf } from '../../profiles/documents/effects.ts';
import type { ForeignProfile } from '../../profiles/documents/read.ts';
import { parseProfile } from '../../profiles/load.ts';
import { fingerprintOf } from '../../profiles/managed/signing.ts';
import { asTyped } from '../as-typed.ts';
import { describeRefusal } from '../present.ts';
import { printable, table } from '../../host/words/format.ts';

/** Profiles in words, for people. */

export function describeList({ profiles, broken }: ProfileList): string {
  const rows = profiles.map(({ profile, management }) => [
    profile.name,
    profile.title ?? '',
    profile.gateway,
    profile.user ?? '',
    management?.organisation ?? '',
  ]);
  const shown =
    profiles.length === 0
      ? [
          asTyped(
            'There are no profiles yet. "culvert profile import FILE" takes one; "culvert connect FILE" does without.',
          ),
        ]
      : [table(['NAME', 'TITLE', 'GATEWAY', 'USER', 'MANAGED BY'], rows)];
  return [...shown, ...broken.map(({ id, failure }) => `${id}: ${describeRefusal(failure)}`)].join('\n');
}

export function describeProfile({ id, profile, management }: StoredProfile): string {
  return [
    `${printable(profile.title ?? profile.name)} (${profile.name}, id ${id})`,
    ...(management === undefined ? [] : describeManagement(management)),
    ...describeEffects(effectsOf(profile)),
    JSON.stringify(profile, undefined, 2),
  ].join('\n');
}

function describeManagement({ organisation, fingerprint, serial, notAfter, locked }: Management): string[] {
  return [
    `  Managed by ${organisation}${serial === undefined ? '' : `, version ${serial}`}`,
    ...(fingerprint === undefined ? [] : [`  Key        ${fingerprint}`]),
    ...(notAfter === undefined ? [] : [`  Until      ${notAfter}`]),
    `  Locked     ${locked.join(', ') || 'nothing'}`,
  ];
}

const secretsWords: Readonly<Record<ImportPlan['secrets'], string | undefined>> = {
  none: undefined,
  sealed: 'It brings secrets, sealed with a passphrase that you are asked for.',
  clear: 'It brings secrets that everybody who had the file could read.',
};

export function describePlan({ action, name, title, effects, secrets, managed }: ImportPlan): string {
  const words = secretsWords[secrets];
  return [
    `${action === 'add' ? 'A new profile' : 'A later version of your profile'}: ${printable(title)} (${name})`,
    ...(managed === undefined
      ? []
      : [
          `  Signed by ${managed.organisation}, version ${managed.serial}${managed.isKeyKnown ? ', with the key that you know' : ''}`,
          `  Key       ${managed.fingerprint}`,
          `  Locks     ${managed.locked === 'all' ? 'everything but what is yours' : managed.locked.join(', ') || 'nothing'}`,
          ...(managed.notAfter === undefined ? [] : [`  Until     ${managed.notAfter}`]),
        ]),
    ...describeEffects(effects),
    ...(words === undefined ? [] : [`  ! ${words}`]),
  ].join('\n');
}

export function describeDocument(document: ForeignProfile): string {
  if (document.kind === 'plain') {
    const profile = parseProfile(document.profile, '');
    return ['A profile that nobody signed', ...effectLines(profile.ok ? profile.value : undefined)].join('\n');
  }
  const { payload, signed } = document.verified;
  const profile = parseProfile(payload.profile, '');
  return [
    `Signed by ${payload.organisation}: ${payload.id}, version ${payload.serial}. The signature is right.`,
    `  Key       ${fingerprintOf(signed.key)}`,
    `  Locks     ${payload.locked === 'all' ? 'everything but what is the user’s' : payload.locked.join(', ') || 'nothing'}`,
    ...(payload.notAfter === undefined ? [] : [`  Until     ${payload.notAfter}`]),
    ...effectLines(profile.ok ? profile.value : undefined),
  ].join('\n');
}

function effectLines(profile: Profile | undefined): string[] {
  return profile === undefined ? [] : describeEffects(effectsOf(profile));
}

function describeEffects(effects: readonly ProfileEffect[]): string[] {
  return effects.map(({ text, isNotable }) => `  ${isNotable ? '!' : '-'} ${text}`);
}
