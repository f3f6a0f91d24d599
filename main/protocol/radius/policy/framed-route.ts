import { addressBytes, addressText } from '../../wire/address.ts';
import { masked } from '../wire/values.ts';

/** A network behind the client. */
export interface FramedRoute {
  readonly destination: string;
  readonly lengthBits: number;
  /** Absent: the client itself. */
  readonly gateway: string | undefined;
  readonly metric: number | undefined;
}

/**
 * RFC 2865 §5.22, RFC 3162 §2.5: `192.168.1.0/24 192.168.1.1 1`, where the length may be left to the address's class,
 * and an all-zero or missing gateway is the client. Bits after the prefix are cleared. `undefined`: not of that form.
 */
export function parseFramedRoute(text: string, family: 'ipv4' | 'ipv6'): FramedRoute | undefined {
  const [prefix = '', gatewayText, metricText, ...rest] = text.split(/[\s\0]+/).filter((word) => word !== '');
  const [addressWord = '', lengthText, ...excess] = prefix.split('/');
  const widthBytes = family === 'ipv4' ? 4 : 16;
  const address = addressBytes(addressWord);
  const gateway = gatewayText === undefined ? new Uint8Array(widthBytes) : addressBytes(gatewayText);
  if (address?.length !== widthBytes || gateway?.length !== widthBytes || excess.length > 0) return undefined;
  const lengthBits = lengthText === undefined ? classfulLength(address) : decimal(lengthText);
  const metrics = [metricText ?? '0', ...rest];
  if (lengthBits === undefined || lengthBits > widthBytes * 8) return undefined;
  if (!metrics.every((metric) => /^-?\d{1,10}$/.test(metric))) return undefined;
  return {
    destination: addressText(masked(address, lengthBits)),
    lengthBits,
    gateway: gateway.every((byte) => byte === 0) ? undefined : addressText(gateway),
    metric: metricText === undefined ? undefined : decimal(metricText),
  };
}

function decimal(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function classfulLength(address: Uint8Array): number {
  if (address.length === 16) return 128;
  const first = address[0] ?? 0;
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}
