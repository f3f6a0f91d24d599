import { failure, type Result } from '../../contracts/failure.ts';

/**
 * `culvert://profile/BASE64URL`: the link carries the profile itself, as a file would, and points to nothing, so that opening one
 * makes this computer fetch nothing from anywhere. It is imported as a file is: shown first.
 */

const scheme = 'culvert:';
const prefix = 'culvert://profile/';

/** Systems cut longer ones. */
const longestLink = 32 * 1024;

export function linkOf(document: string): Result<string> {
  const link = `${prefix}${Buffer.from(document, 'utf8').toString('base64url')}`;
  if (link.length <= longestLink) return { ok: true, value: link };
  return invalid('the profile is too long for a link; send it as a file');
}

/** The document in it. */
export function readLink(link: string): Result<string> {
  if (link.length > longestLink) return invalid('it is too long');
  if (!link.toLowerCase().startsWith(scheme)) return invalid('it begins otherwise');
  // Browsers and desktops may add a slash at the end, or change the case of scheme and host.
  const [, encoded] = /^culvert:\/\/profile\/([\w-]+)\/?$/i.exec(link) ?? [];
  if (encoded === undefined) return invalid('it does not carry one');
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) return invalid('it was cut or changed');
  return { ok: true, value: bytes.toString('utf8') };
}

export function isLink(text: string): boolean {
  return text.slice(0, scheme.length).toLowerCase() === scheme;
}

function invalid(reason: string): Result<never> {
  return { ok: false, failure: failure('link.invalid', { reason }) };
}
