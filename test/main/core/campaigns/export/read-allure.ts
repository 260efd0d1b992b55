/** A strict reader of a folder of Allure results: every file is of a known kind and of its form, and what is named is there. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const named = z.strictObject({ name: z.string().min(1), value: z.string() });
const resultSchema = z.strictObject({
  uuid: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
  historyId: z.string().regex(/^[0-9a-f]{32}$/),
  testCaseId: z.string().regex(/^[0-9a-f]{32}$/),
  fullName: z.string().min(1),
  name: z.string().min(1),
  description: z.string().optional(),
  status: z.enum(['passed', 'failed', 'broken', 'skipped', 'unknown']),
  statusDetails: z.strictObject({
    message: z.string().optional(),
    trace: z.string().optional(),
    known: z.boolean().optional(),
    muted: z.boolean().optional(),
    flaky: z.boolean().optional(),
  }),
  stage: z.literal('finished'),
  start: z.int().min(0),
  stop: z.int().min(0),
  labels: z.array(named),
  parameters: z.array(named.extend({ excluded: z.literal(true) })),
  links: z.array(z.never()),
  steps: z.array(z.never()),
  attachments: z.array(z.strictObject({ name: z.string(), type: z.string(), source: z.string() })),
});
export type AllureResult = z.infer<typeof resultSchema>;

const executorSchema = z.strictObject({
  name: z.string(),
  type: z.string(),
  buildName: z.string(),
  buildOrder: z.int(),
  reportName: z.string(),
});
const categoriesSchema = z.array(z.strictObject({ name: z.string(), matchedStatuses: z.array(z.string()), traceRegex: z.string() }));

export async function readAllureFolder(folder: string) {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const results: AllureResult[] = [];
  for (const name of names.filter((each) => each.endsWith('-result.json'))) {
    const result = resultSchema.parse(JSON.parse(await read(name)));
    if (name !== `${result.uuid}-result.json`) throw new Error(`${name} is called otherwise than its result`);
    if (result.stop < result.start) throw new Error(`${name} ends before it begins`);
    results.push(result);
  }
  const wanted = new Set(results.flatMap(({ attachments }) => attachments.map(({ source }) => source)));
  const isKnown = (name: string): boolean =>
    wanted.has(name) || name.endsWith('-result.json') || ['executor.json', 'categories.json', 'environment.properties'].includes(name);
  const stranger = names.find((name) => !isKnown(name));
  if (stranger !== undefined) throw new Error(`${stranger} belongs to nothing`);
  for (const source of wanted) if (!names.includes(source)) throw new Error(`${source} is named and not there`);
  return {
    names,
    results,
    executor: executorSchema.parse(JSON.parse(await read('executor.json'))),
    categories: categoriesSchema.parse(JSON.parse(await read('categories.json'))),
    properties: await read('environment.properties'),
  };
}
