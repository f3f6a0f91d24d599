/** A JSON Schema, as far as the tables of members in the documents need it. */
export interface Member {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Member>>;
  readonly additionalProperties?: Member | false;
  readonly items?: Member;
  readonly oneOf?: readonly Member[];
}

/** The rows of `| member | default | meaning |`: NAME stands for a name of the user's choice, [] for each entry of a list. */
export function memberRows(members: Readonly<Record<string, Member>>, prefix = ''): string[] {
  return Object.entries(members).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const below = membersBelow(member, path);
    if (below.length > 0 && member.description === undefined) return below;
    const standard = member.default === undefined ? '' : `\`${JSON.stringify(member.default).replaceAll('|', '\\|')}\``;
    const choices =
      member.enum === undefined ? '' : ` One of ${member.enum.map((one) => `\`${String(one)}\``).join(', ')}.`;
    return [`| \`${path}\` | ${standard} | ${member.description ?? ''}${choices} |`, ...below];
  });
}

function membersBelow(member: Member, path: string): string[] {
  // An identity is one thing, explained below the table.
  if (member.properties !== undefined && Object.keys(member.properties).join() === 'kind,value') return [];
  const here = member.properties === undefined ? [] : memberRows(member.properties, `${path}.`);
  const named = member.additionalProperties ? membersBelow(member.additionalProperties, `${path}.NAME`) : [];
  const listed = member.items === undefined ? [] : membersBelow(member.items, `${path}[]`);
  const chosen = (member.oneOf ?? []).flatMap((choice) => membersBelow(choice, path));
  const all = [...here, ...named, ...listed, ...chosen];
  return all.filter((row, i) => all.findIndex((other) => other.split('|')[1] === row.split('|')[1]) === i);
}
