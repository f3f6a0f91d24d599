import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lastRecords, readAuditLog, verifyAuditLog, type AuditFilter, type Head } from '../../host/audit/index.ts';
import { beside } from '../../files/durable.ts';
import { breaks, describeRecord } from '../../host/words/audit-text.ts';
import { Complaint } from '../../host/words/complaint.ts';
import { configFileOf, usableConfig } from './configuration.ts';
import { countText } from '../../host/words/format.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';

/** The log that is named, or that of the configuration. @throws Complaint where there is none */
async function logFile(named: string | undefined, { config, json }: CommonFlags): Promise<string> {
  const file = named === undefined ? await configuredLog(config, json === true) : resolve(named);
  if (!existsSync(dirname(file)) || !existsSync(file)) throw new Complaint('audit.missing', { file });
  return file;
}

async function configuredLog(config: string | undefined, json: boolean): Promise<string> {
  const configFile = await configFileOf(config);
  return beside(configFile, usableConfig(configFile, json).audit.file);
}

/** @param end  of the chain, noted at an earlier verification: it has to be in the log still */
export async function verifyAudit(named: string | undefined, flags: CommonFlags & { end?: Head }): Promise<void> {
  const file = await logFile(named, flags);
  const verified = await verifyAuditLog(file, flags.end);
  if (!verified.ok) {
    const place = verified.line === undefined ? verified.file : `${verified.file}, line ${verified.line}`;
    throw new Complaint('audit.broken', { place, reason: breaks[verified.reason] });
  }
  if (flags.json === true) {
    printJson({ file, ...verified });
    return;
  }
  const { files, records, firstSequence = 0, head } = verified;
  console.log(`${file} is whole: ${countText(records, 'record')} in ${countText(files, 'file')}.`);
  if (firstSequence > 1) console.log(`It begins with record ${firstSequence}: older files were removed by rotation.`);
  if (head !== undefined)
    console.log(`Its end is ${endText(head)}. Kept elsewhere, "--end" shows later that nothing before it changed.`);
}

function endText({ sequence, hash }: Head): string {
  return `${sequence}:${hash}`;
}

/** @returns `undefined` where the text is not as `audit verify` prints it */
export function parseEnd(text: string): Head | undefined {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return sequence === undefined || hash === undefined ? undefined : { sequence: Number(sequence), hash };
}

export async function showAudit(
  named: string | undefined,
  flags: CommonFlags & AuditFilter & { last: number },
): Promise<void> {
  const file = await logFile(named, flags);
  const records = await lastRecords(readAuditLog(file), flags, flags.last);
  if (flags.json === true) records.forEach(printJson);
  else if (records.length > 0) console.log(records.map(describeRecord).join('\n'));
  else console.log('No record fits.');
}
