import { type EspTransform, type IkeTransform, vendorIds } from '../../../../main/protocol/ike/wire/index.ts';
import { concat, fromHex, latin1 } from '../../../../main/protocol/wire/bytes.ts';

/**
 * What the clients that ship with systems send, as far as it is known: from what others wrote of them (../shared/FIELD-NOTES.md).
 * The details of macOS and iOS were never checked against a device.
 */
export interface StockClient {
  readonly ike: { readonly vendors: readonly Uint8Array[]; readonly transforms: readonly IkeTransform[] };
  readonly quickMode: {
    /** Each transform in a proposal of its own, or all in one. */
    readonly layout: 'proposals' | 'transforms';
    readonly transforms: readonly EspTransform[];
    readonly l2tpPort: number;
  };
  readonly l2tp: {
    readonly hostName: string;
    readonly vendorName: string;
    readonly framing: number;
    readonly window: number;
  };
  readonly ppp: {
    readonly lcp: readonly StockOption[];
    readonly idents: readonly string[];
    readonly ipcp: readonly StockOption[];
    /** Other network protocols that it tries, each with the options of its request. */
    readonly also: ReadonlyMap<number, readonly StockOption[]>;
  };
}

export interface StockOption {
  readonly type: number;
  readonly data: Uint8Array;
}

const option = (type: number, hex = ''): StockOption => ({ type, data: fromHex(hex) });
const hour = { lifeSeconds: 3600 };

type Group = Exclude<IkeTransform['group'], undefined>;
type Hash = Exclude<IkeTransform['hash'], undefined>;

/** @param bits  of AES; 0: 3DES. */
function ike(
  number: number,
  bits: number,
  hash: Hash,
  group: Group,
  life: { readonly lifeSeconds: number },
): IkeTransform {
  const cipher =
    bits === 0 ? ({ encryption: '3des-cbc' } as const) : ({ encryption: 'aes-cbc', keyBits: bits } as const);
  return { number, transform: 'keyIke', ...cipher, hash, group, authentication: 'psk', ...life };
}

function esp(number: number, bits: number, hash: 'sha1' | 'md5', life: object): EspTransform {
  const cipher = bits === 0 ? ({ transform: '3des-cbc' } as const) : ({ transform: 'aes-cbc', keyBits: bits } as const);
  return { number, ...cipher, integrity: `hmac-${hash}-96`, mode: 'udpTransport', ...life };
}

const ipv6cp: readonly [number, readonly StockOption[]] = [0x8057, [option(1, '02aabbfffe010203')]];
const ccp: readonly [number, readonly StockOption[]] = [0x80fd, [option(18, '01000001')]];
/** Apple's own: routes and domains by PPP. */
const acscp: readonly [number, readonly StockOption[]] = [0x8235, [option(1, '00000000'), option(2, '00000000')]];

const eightHours = { lifeSeconds: 28_800 };

export const windows: StockClient = {
  ike: {
    vendors: [
      fromHex('01528bbbc00696121849ab9a1c5b2a5100000001'),
      concat(vendorIds.microsoftNt5, fromHex('00000009')),
      vendorIds.natTraversal,
      vendorIds.natTraversalDraft02Newline,
      vendorIds.fragmentation,
      vendorIds.microsoftNegotiationDiscovery,
      vendorIds.microsoftInitialContact,
      vendorIds.microsoftIkeCga,
    ],
    transforms: [
      ike(1, 256, 'sha1', 'ecp384', eightHours),
      ike(2, 128, 'sha1', 'ecp256', eightHours),
      ike(3, 256, 'sha1', 'modp2048', eightHours),
      ike(4, 0, 'sha1', 'modp2048', eightHours),
      ike(5, 0, 'sha1', 'modp1024', eightHours),
    ],
  },
  quickMode: {
    layout: 'proposals',
    transforms: [256, 128, 0].map((bits) => esp(1, bits, 'sha1', { ...hour, lifeKilobytes: 250_000 })),
    l2tpPort: 1701,
  },
  l2tp: { hostName: 'DESKTOP-1', vendorName: 'Microsoft', framing: 1, window: 8 },
  ppp: {
    lcp: [option(1, '0578'), option(5, '4a3b2c1d'), option(7), option(8), option(13, '06')],
    idents: ['MSRASV5.20', 'MSRAS-0-DESKTOP-1'],
    ipcp: [3, 129, 130, 131, 132].map((type) => option(type, '00000000')),
    also: new Map([ipv6cp, ccp]),
  },
};

const racoonVendors = [
  vendorIds.natTraversal,
  vendorIds.natTraversalDraft,
  vendorIds.natTraversalDraft08,
  vendorIds.natTraversalDraft07,
  vendorIds.natTraversalDraft06,
  vendorIds.natTraversalDraft05,
  vendorIds.natTraversalDraft04,
  vendorIds.natTraversalDraft03,
  vendorIds.natTraversalDraft02,
  vendorIds.natTraversalDraft02Newline,
  concat(vendorIds.fragmentation, fromHex('80000000')),
  vendorIds.deadPeerDetection,
];

export const macos: StockClient = {
  ike: {
    vendors: racoonVendors,
    transforms: [
      ike(1, 256, 'sha256', 'modp2048', hour),
      ike(2, 256, 'sha1', 'modp2048', hour),
      ike(3, 256, 'md5', 'modp2048', hour),
      ike(4, 256, 'sha512', 'modp2048', hour),
      ike(5, 256, 'sha256', 'modp1536', hour),
      ike(6, 256, 'sha1', 'modp1536', hour),
      ike(7, 256, 'md5', 'modp1536', hour),
      ike(8, 256, 'sha256', 'modp1024', hour),
      ike(9, 256, 'sha1', 'modp1024', hour),
      ike(10, 256, 'md5', 'modp1024', hour),
      ike(11, 128, 'sha1', 'modp1024', hour),
      ike(12, 128, 'md5', 'modp1024', hour),
      ike(13, 0, 'sha1', 'modp1024', hour),
      ike(14, 0, 'md5', 'modp1024', hour),
    ],
  },
  quickMode: {
    layout: 'transforms',
    transforms: [256, 128, 0].flatMap((bits, i) => [
      esp(2 * i + 1, bits, 'sha1', hour),
      esp(2 * i + 2, bits, 'md5', hour),
    ]),
    l2tpPort: 52_317,
  },
  l2tp: { hostName: 'Macbook.local', vendorName: '', framing: 3, window: 4 },
  ppp: {
    lcp: [option(2, '00000000'), option(5, '13572468'), option(7), option(8)],
    idents: [],
    ipcp: [option(3, '00000000'), option(129, '00000000'), option(131, '00000000')],
    also: new Map([ipv6cp, acscp]),
  },
};

/** As macOS, with the port that L2TP has. */
export const ios: StockClient = {
  ...macos,
  quickMode: { ...macos.quickMode, l2tpPort: 1701 },
  l2tp: { ...macos.l2tp, hostName: 'iPhone' },
};

export const allClients = { windows, macos, ios };
export const identOf = (text: string): Uint8Array => concat(fromHex('4a3b2c1d'), latin1(text));
