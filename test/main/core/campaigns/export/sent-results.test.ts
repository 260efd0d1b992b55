/**
 * Results that are sent: a trace to a collector, and Allure results by allurectl. Neither is here: an HTTP server on the loopback records what a
 * collector would be sent, and a program of that name what allurectl would be told. And the table of results, which DuckDB reads again.
 */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Database, fileList } from '#main/core/archive/database.ts';
import { exportCampaign } from '#main/core/campaigns/export/export.ts';
import { readCampaign } from '#main/core/campaigns/files/campaign-files.ts';
import { Ownership } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import { sampleCampaign, startedAt } from './sample-campaign.ts';

const secret = 'hush-4711';
let owned = new Ownership();
let folder = '';

beforeEach(async () => {
  owned = new Ownership();
  folder = await mkdtemp(join(tmpdir(), 'testops-sent-'));
  owned.own(() => rm(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await owned.dispose();
});

const parts = {
  // eslint-disable-next-line @typescript-eslint/require-await
  async *records() {
    yield sampleCampaign().records;
  },
  blobs: null,
  now: startedAt,
};

const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
  status: z.object({ code: z.int().optional(), message: z.string().optional() }),
});
type Span = z.infer<typeof spanSchema>;
const requestSchema = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});

/** Takes what is sent as a collector does, and keeps it. */
class Recorder {
  readonly spans: Span[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly paths: (string | undefined)[] = [];
  status = 200;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.paths.push(request.url);
        this.headers.push(request.headers);
        const { resourceSpans } = requestSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
        this.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
        response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    owned.own(() => void this.server.close());
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

describe('a trace', () => {
  test('has the campaign, its leases and its tests, and is the same when it is sent again', async () => {
    const recorder = new Recorder();
    const endpoint = await recorder.listen();
    const headersFile = join(folder, 'headers');
    await writeFile(headersFile, `Authorization: Bearer ${secret}\n`);
    const { files } = await exportCampaign(parts, 'otlp', endpoint, { headersFile });
    expect(recorder.paths).toEqual(['/v1/traces']);
    expect(recorder.headers[0]?.authorization).toBe(`Bearer ${secret}`);
    expect(recorder.spans.length).toBe(files);
    const root = recorder.spans.find(({ parentSpanId }) => !parentSpanId);
    expect(root).toMatchObject({ name: 'nightly', status: { code: 2 } });
    expect(new Set(recorder.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(recorder.spans.map(({ spanId }) => spanId)).size).toBe(files);
    const verdicts = recorder.spans.map(({ name, attributes }) => [
      name,
      attributes.find(({ key }) => key === 'testops.verdict')?.value['stringValue'],
    ]);
    expect(verdicts.filter(([name]) => name === 'second')).toEqual([
      ['second', 'failed'],
      ['second', 'passed'],
    ]);
    // Of a test that never came to a verdict its leases are told.
    const lost = recorder.spans.filter(({ status }) => status.message === 'The worker w1 is silent.');
    expect(lost.length).toBe(4);
    expect(lost.every(({ parentSpanId }) => parentSpanId === root?.spanId)).toBe(true);
    const first = recorder.spans.splice(0).map(({ spanId }) => spanId);
    await exportCampaign(parts, 'otlp', endpoint);
    expect(recorder.spans.map(({ spanId }) => spanId)).toEqual(first);
  });

  test('that is refused is told without the secret', async () => {
    const recorder = new Recorder();
    recorder.status = 401;
    const endpoint = await recorder.listen();
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', `authorization=${secret}`);
    const problem = problemOf(await exportCampaign(parts, 'otlp', endpoint).catch((failure: unknown) => failure));
    expect(recorder.headers[0]?.authorization).toBe(secret);
    expect(problem).toMatchObject({ code: 'traces-not-sent', message: expect.stringContaining('it answered 401') });
    expect(JSON.stringify(problem)).not.toContain(secret);
  });
});

describe.skipIf(process.platform === 'win32')('allurectl', () => {
  /** A program that keeps what it is told, and says it. */
  async function standIn(ending: string): Promise<void> {
    const programs = join(folder, 'bin');
    await mkdir(programs);
    const program = join(programs, 'allurectl');
    const keep = `{ echo "$@"; env | grep ^ALLURE_ | sort; ls "$2" | grep -c result.json; } > '${join(folder, 'told')}'`;
    await writeFile(program, `#!/bin/sh\n${keep}\n${ending}\n`);
    await chmod(program, 0o755);
    vi.stubEnv('PATH', `${programs}:${process.env['PATH']}`);
  }

  test('is told the server, the project and the launch, and has all results', async () => {
    await standIn('exit 0');
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, `${secret}\n`);
    const details = { project: '12', launch: 'nightly rc1', tokenFile };
    const { files } = await exportCampaign(parts, 'allurectl', 'https://allure.example.com', details);
    const [words = '', ...told] = (await readFile(join(folder, 'told'), 'utf8')).trim().split('\n');
    expect(words).toMatch(/^upload .*allure-results$/);
    expect(words).not.toContain(secret);
    const results = Number(told.pop());
    expect(results).toBeGreaterThan(10);
    expect(files).toBeGreaterThanOrEqual(results);
    expect(told).toEqual([
      'ALLURE_ENDPOINT=https://allure.example.com',
      'ALLURE_LAUNCH_NAME=nightly rc1',
      'ALLURE_PROJECT_ID=12',
      `ALLURE_TOKEN=${secret}`,
    ]);
  });

  test('that fails is told, without the token that it prints', async () => {
    await standIn('echo "401 for $ALLURE_TOKEN"; exit 3');
    vi.stubEnv('ALLURE_TOKEN', secret);
    vi.stubEnv('ALLURE_PROJECT_ID', '12');
    const problem = problemOf(await exportCampaign(parts, 'allurectl', 'https://allure.example.com').catch((failure: unknown) => failure));
    expect(problem.message).toContain('exit status 3. It said: 401 for …');
    expect(JSON.stringify(problem)).not.toContain(secret);
  });

  test('that is not there, and a token that is not there, are told', async () => {
    vi.stubEnv('PATH', folder);
    const upload = async () =>
      problemOf(await exportCampaign(parts, 'allurectl', 'https://a', { project: '1' }).catch((failure: unknown) => failure));
    vi.stubEnv('ALLURE_TOKEN', '');
    expect(await upload()).toMatchObject({ code: 'secret-not-readable' });
    vi.stubEnv('ALLURE_TOKEN', secret);
    expect((await upload()).message).toContain('it is not in the path');
  });
});

test('no address may hold a secret, in a file or at the terminal', async () => {
  for (const address of [`https://user:${secret}@collector`, `https://collector?token=${secret}`]) {
    const problem = problemOf(await exportCampaign(parts, 'otlp', address).catch((failure: unknown) => failure));
    expect(problem.code).toBe('secret-in-address');
    const file = join(folder, 'nightly.yaml');
    await writeFile(file, `campaign: nightly\nresults: { traces: { endpoint: "${address}" } }\n`);
    const { problems } = await readCampaign(file);
    expect(problems.map(({ code }) => code)).toEqual(['secret-in-address']);
    expect(JSON.stringify([problem, problems])).not.toContain(secret);
  }
});

test('the table of results has a row for each attempt, and one for what nobody attempted', async () => {
  const file = join(folder, "results 'of it'.parquet");
  await exportCampaign(parts, 'parquet', file);
  const database = await Database.open({ memory: '128MB', threads: 1 });
  owned.own(database);
  const from = `FROM read_parquet(${fileList([file])})`;
  const { state } = sampleCampaign();
  expect(await database.number(`SELECT count(DISTINCT (suite, test)) ${from}`)).toBe(state.tests.size);
  expect(
    await database.rows(`SELECT attempt, "last", verdict, result, worker, host ${from} WHERE test = 'second' ORDER BY attempt`),
  ).toEqual([
    [1, false, 'failed', 'passed on retry', 'w1', 'box-1'],
    [2, true, 'passed', 'passed on retry', 'w2', null],
  ]);
  expect(await database.rows(`SELECT attempt, verdict, result ${from} WHERE test IN ('lost', 'late') ORDER BY test`)).toEqual([
    [null, null, 'not run'],
    [null, null, 'infrastructure'],
  ]);
  expect(await database.rows(`SELECT quarantined, message ${from} WHERE test = 'flaky'`)).toEqual([[true, 'raced']]);
  const [[began]] = (await database.rows(`SELECT epoch_ms(min(started_at))::DOUBLE ${from}`)) as [[number]];
  expect(began).toBeGreaterThanOrEqual(startedAt);
  await expect(exportCampaign(parts, 'parquet', join(folder, 'nowhere', 'results.parquet'))).rejects.toThrow('cannot be written here');
});
