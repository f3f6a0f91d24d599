import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { clientPlatforms, type ClientPlatform } from '../../contracts/client-platforms.ts';
import type { ClientInstructions } from '../../contracts/host-clients.ts';
import { outboundAddress } from '../../host/service/index.ts';
import { clientFacts, clientInstructions, files, settingsText, type ClientFacts } from '../../host/clients/index.ts';
import { writeDurably } from '../../files/durable.ts';
import { reachedAt } from '../../host/guide/index.ts';
import { toString as drawn } from 'qrcode';
import { Complaint } from '../../host/words/complaint.ts';
import { configFileOf, usableConfig } from './configuration.ts';
import { printable } from '../../host/words/format.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';
import { openUserDesk } from './user-desk.ts';

export interface ClientsFlags extends CommonFlags {
  readonly user?: string;
  readonly hideKey?: true;
  readonly write?: string;
  readonly qr?: true;
}

/** Says how clients are set up; or writes the files that do it. */
export async function showClients(platform: ClientPlatform | undefined, flags: ClientsFlags): Promise<void> {
  const facts = await factsOf(flags);
  const platforms = platform === undefined ? (Object.keys(clientPlatforms) as ClientPlatform[]) : [platform];
  const instructions = platforms.map((each) => clientInstructions(each, facts));
  if (flags.write !== undefined) {
    writeFiles(resolve(flags.write), instructions, facts, flags.json === true);
    return;
  }
  if (flags.json === true) {
    instructions.forEach(printJson);
    return;
  }
  console.log(instructions.map(describeInstructions).join('\n\n'));
  if (flags.qr === true) console.log(`\n${await drawn(settingsText(facts), { type: 'utf8' })}`);
}

async function factsOf({ config: named, user, hideKey, json }: ClientsFlags): Promise<ClientFacts> {
  const configFile = await configFileOf(named);
  const config = usableConfig(configFile, json === true);
  const address = await outboundAddress();
  return clientFacts(config, configFile, {
    ...(user !== undefined && { user: await userOf(user, named, json === true) }),
    server: address ?? 'the address of the router',
    withKey: hideKey !== true,
    isBehindRouter: reachedAt(address) !== 'directly',
  });
}

async function userOf(name: string, named: string | undefined, json: boolean) {
  const users = await (await openUserDesk(named, json)).list();
  const user = users.find((each) => each.name === name);
  if (user === undefined) throw new Complaint('user.unknown', { user: name });
  return user;
}

/** Each for its owner alone: nearly all of them hold the key. */
function writeFiles(folder: string, all: readonly ClientInstructions[], facts: ClientFacts, json: boolean): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kinds = new Set(all.flatMap((each) => each.files.map(({ kind }) => kind)));
  for (const kind of kinds) {
    const path = join(folder, files[kind].name(facts));
    writeDurably(path, files[kind].content(facts));
    if (json) printJson({ file: path, kind });
    else console.log(`${path}\n    ${files[kind].what}`);
  }
}

function describeInstructions({ platform, steps, files: offered }: ClientInstructions): string {
  return [
    clientPlatforms[platform],
    ...steps.flatMap(({ text, fields, commands }) => {
      const width = Math.max(0, ...fields.map(({ label }) => label.length));
      return [
        `  ${text}`,
        ...fields.map(({ label, value }) => `    ${label.padEnd(width)}  ${printable(value)}`),
        ...commands.map((command) => `    ${printable(command)}`),
      ];
    }),
    ...(offered.length === 0
      ? []
      : [`  Or by a file ("--write FOLDER"): ${offered.map(({ name }) => name).join(', ')}`]),
  ].join('\n');
}
