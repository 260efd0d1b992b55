/**
 * A campaign as one trace for a collector of OpenTelemetry: the campaign, below it each lease, below that the tests that it brought to a verdict.
 * Identities come of the campaign, the lease and the test: what is sent twice is the same trace.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { TracerProvider, type IdGenerator, type ReadableSpan } from '@opentelemetry/sdk-trace';
import type { CampaignState, LeaseFact } from '#shared/campaign/campaign-state.ts';
import type { CampaignPlan } from '#shared/campaign/plan.ts';
import type { TestVerdict } from '#shared/campaign/records.ts';
import { isTriedAgain, type Verdict } from '#shared/campaign/words.ts';
import { ProblemError } from '#shared/problem.ts';

/** Spans of a request. */
const batch = 512;

export interface TraceTarget {
  /** Of the collector; where it names no path, that of the protocol is used. */
  readonly endpoint: string;
  /** Lines `name: value`, sent with each request. OTEL_EXPORTER_OTLP_HEADERS is heeded besides. */
  readonly headersFile?: string | undefined;
}

/** Sends everything; resolves with how many spans the collector has taken. Rejects with a problem that tells no secret. */
export async function sendTraces(state: CampaignState, plan: CampaignPlan, { endpoint, headersFile }: TraceTarget): Promise<number> {
  const exporter = new OTLPTraceExporter({ url: addressOf(endpoint), headers: await headersIn(headersFile) });
  const made = new CampaignTrace(state, plan);
  let sent = 0;
  try {
    for (const spans of made.batches()) {
      await exported(exporter, spans, endpoint);
      sent += spans.length;
    }
    return sent;
  } finally {
    await exporter.shutdown();
  }
}

function addressOf(endpoint: string): string {
  const address = new URL(endpoint);
  if (address.pathname === '/') address.pathname = '/v1/traces';
  return address.href;
}

async function headersIn(file: string | undefined): Promise<Record<string, string>> {
  if (file === undefined) return {};
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ProblemError({ code: 'secret-not-readable', message: 'The file with the headers for traces cannot be read.', file });
  });
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~A-Za-z0-9-]+):[ \t]*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(lines);
}

async function exported(exporter: OTLPTraceExporter, spans: ReadableSpan[], endpoint: string): Promise<void> {
  const { code, error } = await new Promise<ExportResult & { error?: Error & { code?: unknown } }>((resolve) =>
    exporter.export(spans, resolve),
  );
  if (code === ExportResultCode.SUCCESS) return;
  const why = typeof error?.code === 'number' || typeof error?.code === 'string' ? `it answered ${error.code}` : 'it cannot be reached';
  throw new ProblemError({
    code: 'traces-not-sent',
    message: `The collector at ${new URL(endpoint).host} did not take the traces of the campaign: ${why}.`,
    tip: 'Send them again with testops campaign export, --format otlp.',
  });
}

interface Placed {
  readonly test: string;
  readonly verdict: TestVerdict;
}

class CampaignTrace implements IdGenerator {
  private readonly state: CampaignState;
  private readonly plan: CampaignPlan;
  private readonly provider: TracerProvider;
  private ended: ReadableSpan[] = [];
  private next = '';

  constructor(state: CampaignState, plan: CampaignPlan) {
    this.state = state;
    this.plan = plan;
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'testops', 'service.version': plan.softwareVersion }),
      idGenerator: this,
      spanProcessors: [
        {
          onStart: () => undefined,
          onEnd: (span) => void this.ended.push(span),
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
      ],
    });
  }

  generateTraceId(): string {
    return digest(this.plan.campaign).slice(0, 32);
  }

  generateSpanId(): string {
    return digest(`${this.plan.campaign} ${this.next}`).slice(0, 16);
  }

  *batches(): Iterable<ReadableSpan[]> {
    const { state, plan } = this;
    const end = state.end?.time ?? state.time ?? plan.startedAt;
    const root = this.begin('campaign', plan.name, ROOT_CONTEXT, plan.startedAt, {
      'testops.campaign': plan.campaign,
      'testops.environment': plan.environment,
      'testops.revision': plan.revision,
      'testops.operator': plan.operator,
      'testops.outcome': state.end?.outcome ?? 'goes on',
    });
    const below = trace.setSpan(ROOT_CONTEXT, root);
    const verdicts = verdictsByFence(state);
    for (const lease of [...state.pastLeases, ...state.leases.values()]) {
      this.addLease(lease, verdicts.get(lease.fence) ?? [], below, end);
      if (this.ended.length >= batch) yield this.taken();
    }
    if (state.end && state.end.outcome !== 'passed')
      root.setStatus({ code: SpanStatusCode.ERROR, message: state.end.reason ?? state.end.outcome });
    root.end(end);
    yield this.taken();
  }

  private addLease(lease: LeaseFact, verdicts: readonly Placed[], below: Context, end: number): void {
    const unit = this.state.units.at(lease.unit);
    const began = lease.takenUpAt ?? lease.leasedAt;
    const place = {
      'test.suite.name': unit?.suite ?? '',
      'testops.worker': lease.worker,
      'testops.attempt': lease.attempt,
      'testops.fence': lease.fence,
      ...(lease.server !== null && { 'testops.server': lease.server }),
    };
    const [only] = verdicts;
    // A unit of one test that came to its verdict is that test.
    if (only && verdicts.length === 1 && lease.end === 'done' && unit?.tests.length === 1) {
      this.addTest(only, lease, below, { ...place, ...waitOf(lease) });
      return;
    }
    const span = this.begin(`lease ${lease.fence}`, unit?.group || (unit?.suite ?? 'unit'), below, began, {
      ...place,
      ...waitOf(lease),
      'testops.end': lease.end ?? 'goes on',
    });
    if (lease.end !== 'done' && lease.end !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: lease.reason ?? lease.end });
    const inside = trace.setSpan(below, span);
    for (const each of verdicts) this.addTest(each, lease, inside, place);
    span.end(Math.max(began, lease.endedAt ?? end));
  }

  private addTest({ test, verdict }: Placed, lease: LeaseFact, below: Context, place: Attributes): void {
    const began = (lease.takenUpAt ?? lease.leasedAt) + verdict.offset;
    const span = this.begin(`test ${lease.fence} ${test}`, test, below, began, {
      ...place,
      'test.case.name': test,
      ...statusOf(verdict.verdict),
      'testops.verdict': verdict.verdict,
    });
    if (isTriedAgain(verdict.verdict)) span.setStatus({ code: SpanStatusCode.ERROR, ...(verdict.message && { message: verdict.message }) });
    span.end(began + verdict.duration);
  }

  private begin(identity: string, name: string, below: Context, startTime: number, attributes: Attributes): Span {
    this.next = identity;
    const root = below === ROOT_CONTEXT;
    return context.with(ROOT_CONTEXT, () =>
      this.provider.getTracer('testops').startSpan(name, { kind: SpanKind.INTERNAL, startTime, attributes, root }, below),
    );
  }

  private taken(): ReadableSpan[] {
    return this.ended.splice(0);
  }
}

function verdictsByFence(state: CampaignState): ReadonlyMap<number, readonly Placed[]> {
  const found = new Map<number, Placed[]>();
  for (let number = 0; number < state.tests.size; number += 1) {
    for (const { lease, verdict } of state.tests.attemptsOf(number)) {
      const known = found.get(lease.fence) ?? [];
      found.set(lease.fence, known);
      known.push({ test: verdict.test, verdict });
    }
  }
  return found;
}

/** ms between the decision and the worker's beginning. */
function waitOf({ leasedAt, takenUpAt }: LeaseFact): Attributes {
  return takenUpAt === null ? {} : { 'testops.handover_ms': Math.max(0, takenUpAt - leasedAt) };
}

/** In the words of OpenTelemetry, which knows two. */
function statusOf(verdict: Verdict): Attributes {
  if (verdict === 'passed') return { 'test.case.result.status': 'pass' };
  return verdict === 'failed' ? { 'test.case.result.status': 'fail' } : {};
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
