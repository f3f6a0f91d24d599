import { shownKey, type ClientFacts } from './facts.ts';

/** What Windows needs to reach a host behind a router: without it, it drops what such a host answers (error 809). */
const natValue = {
  path: 'SYSTEM\\CurrentControlSet\\Services\\PolicyAgent',
  name: 'AssumeUDPEncapsulationContextOnSendRule',
  data: 2,
} as const;

export const natCommand = `reg add HKLM\\${natValue.path} /v ${natValue.name} /t REG_DWORD /d ${natValue.data} /f`;

/** For regedit, by a double click: UTF-16 with a mark of its byte order, as regedit writes it. */
export function registryFile(): Uint8Array {
  const text = [
    'Windows Registry Editor Version 5.00',
    '',
    `[HKEY_LOCAL_MACHINE\\${natValue.path}]`,
    `"${natValue.name}"=dword:${natValue.data.toString(16).padStart(8, '0')}`,
    '',
  ].join('\r\n');
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}

/** As PowerShell reads it as one argument: it takes typographic quotation marks for the plain one (about_Quoting_Rules). */
export function powershellWord(text: string): string {
  if (/^[a-z0-9][a-z0-9.-]*$/i.test(text)) return text;
  return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

/** The command for one user, in lines that PowerShell joins. */
export function addConnection(facts: ClientFacts): string[] {
  const [first, ...rest] = addArguments(facts);
  return [`${first} \``, `  ${rest.join(' ')} -Force`];
}

function addArguments(facts: ClientFacts): readonly [string, ...string[]] {
  const { name, server, tunnel } = facts;
  const connection = `-Name ${powershellWord(name)} -ServerAddress ${powershellWord(server)}`;
  return [
    `Add-VpnConnection ${connection} -TunnelType L2tp -L2tpPsk ${powershellWord(shownKey(facts))}`,
    '-AuthenticationMethod MSChapv2 -EncryptionLevel Required -RememberCredential',
    ...(tunnel === 'split' ? ['-SplitTunneling'] : []),
  ];
}

/**
 * A script that an administrator of the computer runs: for all of its users, since whoever has the rights may be another than who
 * works there. With the mark without which Windows PowerShell would not read it as UTF-8, and its line ends.
 */
export function powershellScript(facts: ClientFacts): Uint8Array {
  const name = powershellWord(facts.name);
  const lines = [
    '#Requires -RunAsAdministrator',
    '# Adds a VPN connection to this computer. It holds the pre-shared key: delete it afterwards.',
    "$ErrorActionPreference = 'Stop'",
    ...(facts.isBehindRouter ? registryLines : []),
    `if (Get-VpnConnection -Name ${name} -AllUserConnection -ErrorAction SilentlyContinue) {`,
    `  Remove-VpnConnection -Name ${name} -AllUserConnection -Force`,
    '}',
    `${addArguments(facts).join(' ')} -AllUserConnection -Force`,
    facts.isBehindRouter
      ? "Write-Host 'Done. Restart the computer, then connect from the network icon.'"
      : "Write-Host 'Done. Connect from the network icon.'",
    '',
  ];
  return Buffer.from(`\ufeff${lines.join('\r\n')}`, 'utf8');
}

const registryLines = [
  '# Without this, Windows does not talk to a gateway behind a router. It holds from the next start on.',
  `Set-ItemProperty -Path 'HKLM:\\${natValue.path}' -Name ${natValue.name} -Type DWord -Value ${natValue.data}`,
];
