/** The page about the contract: each room with its methods and streams, and the shapes that they share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import * as comparison from '#shared/analysis/comparison.ts';
import * as trend from '#shared/analysis/trend.ts';
import * as campaignPlan from '#shared/campaign/plan.ts';
import * as campaignRecords from '#shared/campaign/records.ts';
import * as campaignWords from '#shared/campaign/words.ts';
import * as campaigns from '#shared/contract/campaigns.ts';
import * as campaignTexts from '#shared/contract/campaign-texts.ts';
import * as radiator from '#shared/contract/radiator.ts';
import * as testHistory from '#shared/contract/test-history.ts';
import * as testPast from '#shared/campaign/test-past.ts';
import * as contract from '#shared/contract/contract.ts';
import * as demo from '#shared/contract/demo.ts';
import * as environments from '#shared/contract/environments.ts';
import * as history from '#shared/contract/history.ts';
import * as metrics from '#shared/contract/metrics.ts';
import * as reports from '#shared/contract/reports.ts';
import * as runs from '#shared/contract/runs.ts';
import { path, text } from '#shared/contract/shapes.ts';
import * as telemetry from '#shared/contract/telemetry.ts';
import * as workspace from '#shared/contract/workspace.ts';
import { daemonNameSchema, epochSchema, commandIdSchema, runIdSchema } from '#shared/identifiers.ts';
import * as problems from '#shared/problem-schema.ts';
import * as observations from '#shared/protocol/observations.ts';
import * as manifest from '#shared/run/manifest.ts';
import * as records from '#shared/run/records.ts';
import * as remarks from '#shared/run/remarks.ts';
import * as catalogue from '#shared/scenario/catalogue.ts';
import * as machine from '#shared/scenario/machine-contract.ts';
import * as series from '#shared/telemetry/series.ts';
import { commentsIn, introduction } from './comments.ts';
import { shapeOf, written, type Names, type Said } from './shapes.ts';

/** A file of schemas, and what it exports. */
type SchemaFile = readonly [file: string, exported: Readonly<Record<string, unknown>>];

const rooms: readonly SchemaFile[] = [
  ['shared/contract/contract.ts', contract],
  ['shared/contract/runs.ts', runs],
  ['shared/contract/environments.ts', environments],
  ['shared/contract/workspace.ts', workspace],
  ['shared/contract/telemetry.ts', telemetry],
  ['shared/contract/history.ts', history],
  ['shared/contract/reports.ts', reports],
  ['shared/contract/metrics.ts', metrics],
  ['shared/contract/demo.ts', demo],
  ['shared/contract/campaigns.ts', campaigns],
  ['shared/contract/test-history.ts', testHistory],
  ['shared/contract/radiator.ts', radiator],
  ['shared/contract/campaign-texts.ts', campaignTexts],
];

/** Where the shapes stand that several rooms share. */
const shapeFiles: readonly SchemaFile[] = [
  ...rooms,
  ['shared/problem-schema.ts', problems],
  ['shared/run/manifest.ts', manifest],
  ['shared/run/records.ts', records],
  ['shared/run/remarks.ts', remarks],
  ['shared/scenario/machine-contract.ts', machine],
  ['shared/scenario/catalogue.ts', catalogue],
  ['shared/protocol/observations.ts', observations],
  ['shared/telemetry/series.ts', series],
  ['shared/analysis/comparison.ts', comparison],
  ['shared/analysis/trend.ts', trend],
  ['shared/campaign/words.ts', campaignWords],
  ['shared/campaign/plan.ts', campaignPlan],
  ['shared/campaign/records.ts', campaignRecords],
  ['shared/campaign/test-past.ts', testPast],
];

/** Shapes that a sentence tells better. The schemas of names are one, whatever has the name. */
const simpleShapes: ReadonlyMap<z.ZodType, readonly [name: string, meaning: string]> = new Map<z.ZodType, readonly [string, string]>([
  [path, ['Path', "A path on the core's machine, of at most 4,096 characters."]],
  [workspace.relativePathSchema, ['RelativePath', 'A path within the workspace, with `/`, of at most 1,024 characters; it never leaves the workspace.']], // prettier-ignore
  [text, ['Text', 'The text of a file of a workspace, of at most 4,000,000 characters.']],
  [daemonNameSchema, ['Name', 'Name of an environment, a daemon or a component: a letter, then letters, digits, `_` and `-`, 64 at most.']],
  [runIdSchema, ['RunId', 'Id of a run, `20261120T221735Z-failover-3f9a`: start time (UTC), scenario, random part.']],
  [epochSchema, ['Epoch', 'One start of a daemon: sixteen hexadecimal digits. Later epochs sort later.']],
  [commandIdSchema, ['CommandId', 'Id of one command: 8 to 64 letters, digits, `_` and `-`.']],
  [records.runRecordSchema, ['RunRecord', 'One record of a run: see [the records](command-line.md#the-records), or `testops schema`.']],
]);

interface NamedShape {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly meaning: string | undefined;
  readonly said: Said;
}

/** The page, formatted as all documents are. `root` is the folder of the project. */
export async function contractPage(root: string): Promise<string> {
  const comments = new Map(shapeFiles.map(([file]) => [file, commentsIn(readFileSync(join(root, file), 'utf8'))]));
  const named = shapeFiles.flatMap(([file, exported]) => namedShapes(exported, comments.get(file) ?? new Map()));
  const names = new Map(named.map(({ schema, name }) => [schema, name]));
  for (const [schema, [name]] of simpleShapes) names.set(schema, name);
  const parts = rooms.map(([file]) => roomText(file, readFileSync(join(root, file), 'utf8'), comments.get(file) ?? new Map(), names));
  const text = [head, ...parts, sharedShapes(named, names, parts.join('\n'))].join('\n\n');
  assertAllTold(text);
  return format(text, { ...(await resolveConfig(join(root, 'docs', 'contract.md'))), parser: 'markdown' });
}

const head = `# The contract

What a console may ask of the core, and what the core streams: every host offers the same, in the same process, over a WebSocket or over a
MessagePort. This page is made from the schemas in \`shared/contract/\` and the comments beside them (\`npm run document:contract\`); how the core
keeps its promises is told in [what the core does for screens](console-services.md), and what consoles of other machines may ask in
[hosting](hosting.md).

A **method** is asked once and answered once, or refused with a \`Problem\`. A **stream** sends any number of items until whoever listens closes
it, or it ends. Shapes are written like this: \`name?\` may be absent, \`string(1–64)\` is a text of 1 to 64 characters, \`integer(1–)\` a
whole number from 1 on, \`Shape[–200]\` a list of at most 200, \`{ [name]: number }\` numbers by names. A name with a capital is a shape that
is told [at the end](#shapes).`;

/** A room with its methods and streams, in the order of its file. */
function roomText(file: string, source: string, comments: ReadonlyMap<string, string>, names: Names): string {
  const name = file.replace(/^.*\/|\.ts$/g, '').replaceAll('-', ' ');
  const index = name === 'contract';
  const title = index ? 'The core itself' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const about = index ? 'What the core says of itself.' : introduction(source);
  const entries = [...comments].flatMap(([place, sentence]) => entryText(place, sentence, comments, names) ?? []);
  return [`## ${title}`, `${about} (\`${file}\`)`, ...entries].join('\n\n');
}

/** A method or a stream, where the comment at a place is the sentence of one. */
function entryText(place: string, sentence: string, comments: ReadonlyMap<string, string>, names: Names): string | undefined {
  const [table = '', ...rest] = place.split('.');
  const name = rest.join('.');
  const part = (word: string, field: string, schema: z.ZodType, io: 'input' | 'output'): string => {
    const above = comments.get(`${place}.${field}`);
    const shape = names.get(schema) ?? written(shapeOf(schema, names, io), (path) => comments.get([place, field, ...path].join('.')));
    return `${above === undefined ? '' : `// ${above}\n`}${word} ${shape}`;
  };
  const told = (title: string, ...parts: readonly string[]) => `### ${title}\n\n${sentence}\n\n\`\`\`text\n${parts.join('\n')}\n\`\`\``;
  if (table.endsWith('ethods') && isMethod(name)) {
    const { request, response } = contract.methods[name];
    return told(name, part('request', 'request', request, 'input'), part('answer', 'response', response, 'output'));
  }
  if (table.endsWith('treams') && isStream(name)) {
    const { request, item } = contract.streams[name];
    return told(`${name} (stream)`, part('request', 'request', request, 'input'), part('item', 'item', item, 'output'));
  }
  return undefined;
}

function assertAllTold(text: string): void {
  const titles = [...Object.keys(contract.methods), ...Object.keys(contract.streams).map((name) => `${name} (stream)`)];
  const missing = titles.filter((title) => !text.includes(`\n### ${title}\n`));
  if (missing.length > 0) throw new Error(`No comment in shared/contract says what these are for: ${missing.join(', ')}.`);
}

function isMethod(name: string): name is contract.Method {
  return Object.hasOwn(contract.methods, name);
}

function isStream(name: string): name is contract.Stream {
  return Object.hasOwn(contract.streams, name);
}

function namedShapes(exported: Readonly<Record<string, unknown>>, comments: ReadonlyMap<string, string>): NamedShape[] {
  return Object.entries(exported).flatMap(([constant, schema]): NamedShape[] => {
    if (!constant.endsWith('Schema') || !(schema instanceof z.ZodType)) return [];
    const bare = constant.replace(/Schema$/, '');
    const name = `${bare.charAt(0).toUpperCase()}${bare.slice(1)}`;
    return [{ name, schema, meaning: comments.get(constant), said: (path) => comments.get([constant, ...path].join('.')) }];
  });
}

/** The shapes that a text names, and those that these name in turn, by their names. */
function sharedShapes(named: readonly NamedShape[], names: Names, text: string): string {
  const known = new Map(named.map((each) => [each.name, each]));
  const told = new Map([...simpleShapes.values()].map(([name, meaning]) => [name, `### ${name}\n\n${meaning}`]));
  const tell = (where: string): void => {
    for (const [name] of where.matchAll(/\b[A-Z]\w+\b/g)) {
      const shape = known.get(name);
      if (!shape || told.has(name)) continue;
      const body = written(shapeOf(shape.schema, names, 'output'), shape.said).replace(/^\n/, '');
      const meaning = shape.meaning === undefined ? '' : `${shape.meaning}\n\n`;
      told.set(name, `### ${name}\n\n${meaning}\`\`\`text\n${body}\n\`\`\``);
      tell(body);
    }
  };
  for (const [fence] of text.matchAll(/```text\n[\s\S]*?```/g)) tell(fence);
  const inOrder = [...told].toSorted(([one], [other]) => one.localeCompare(other, 'en'));
  return ['## Shapes', ...inOrder.map(([, each]) => each)].join('\n\n');
}
