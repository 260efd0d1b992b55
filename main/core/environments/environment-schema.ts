/** The form of `environment.yaml`; docs/environment-file.md describes it for those who write one. */
import { z } from 'zod';
import { choice, fault, leaf, name, section, shown, text } from '#platform/configuration/leaves.ts';
import { parseRouterUrl } from '#network/bus/router-url.ts';
import { problemOf } from '#shared/problem.ts';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import { parseQuantity } from '#shared/scenario/quantity.ts';

const path = text(4_096);

const routerUrl = leaf((input) => {
  if (typeof input !== 'string')
    return fault('router-url', `is not the URL of a router: ${shown(input)}`, 'Write it like nats://host:4222.');
  try {
    return parseRouterUrl(input).text;
  } catch (failure) {
    const { message, tip } = problemOf(failure);
    return fault('router-url', `cannot be used: ${message.replace(/\.$/, '')}`, tip);
  }
});

/** One word of a command: numbers and yes/no become the text that was written. */
const word = leaf((input) => {
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  if (typeof input === 'string' && !input.includes('\0') && input.length <= 4_096) return input;
  return fault('wrong-type', `must be one text of at most 4096 characters, not ${shown(input)}`, 'Put it in quotes.');
});

type Release = { readonly kind: 'value'; readonly value: string } | { readonly kind: 'action'; readonly action: string };

const release = leaf<Release>((input) => {
  const tip = 'Write the name of the release candidate, or { action: name } with the action that tells it.';
  if (typeof input === 'string' && input !== '' && input.length <= 128) return { kind: 'value', value: input };
  if (typeof input !== 'object' || input === null) return fault('bad-release', `is not a release: ${shown(input)}`, tip);
  const action = 'action' in input && Object.keys(input).length === 1 ? input.action : undefined;
  if (typeof action === 'string' && action !== '' && action.length <= 64) return { kind: 'action', action };
  return fault('bad-release', 'needs exactly one key, action', tip);
});

const metricName = leaf((input) => {
  if (typeof input === 'string' && /^[^.]*\.STATE$/.test(input)) {
    const tip = 'Limits are about metrics; write `on` or `expect` in a scenario for a state.';
    return fault('bad-metric-name', `is a state, which is a word and keeps to no limit: ${shown(input)}`, tip);
  }
  if (typeof input === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,63}\.\S.{0,255}$/.test(input)) return input;
  return fault(
    'bad-metric-name',
    `is not the name of a metric: ${shown(input)}`,
    'Write it as Component.metric, as in MatchingEnginePrimary.rss.',
  );
});

export type LimitOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** What has to hold: `< 500MB`. The bound is in the base unit (bytes, ms, %); `text` alone is exact. */
const condition = leaf((input) => {
  const tip = 'Write what has to hold, as in "< 500MB", ">= 95%" or "<= 20ms", in quotes.';
  const parts = typeof input === 'string' ? /^\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$/.exec(input) : null;
  if (!parts) return fault('bad-condition', `is not a condition: ${shown(input)}`, tip);
  const bound = parseQuantity(parts[2] ?? '');
  if (!bound) return fault('bad-condition', `compares with ${shown(parts[2])}, which is no number with a known unit`, tip);
  return { operator: parts[1] as LimitOperator, bound: bound.value, unit: bound.unit, text: (input as string).trim() };
});

const limit = section({
  metric: metricName,
  condition,
  severity: choice(['warning', 'error']).default('warning'),
});

const alias = leaf<readonly string[]>((input) => {
  const words = typeof input === 'string' ? input.split(/\s+/).filter((each) => each !== '') : input;
  const decoded = z.array(word).min(1).max(64).safeParse(words);
  if (decoded.success) return decoded.data;
  return fault('bad-alias', `is not a command: ${shown(input)}`, 'Write its words, as in [kill, -9, MatchingEnginePrimary].');
});

export const environmentFileSchema = section({
  environment: name<EnvironmentName>(),
  router: routerUrl,
  operator: section({ name: name<string>(), key: path }),
  tls: section({ ca: path.optional(), certificate: path.optional(), key: path.optional() }).optional(),
  release: release.optional(),
  daemons: z.array(name<DaemonName>()).max(1_000).default([]),
  pin: path.optional(),
  aliases: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/), alias).default({}),
  limits: z.array(limit).max(10_000).default([]),
  scenarios: path.optional(),
  plugins: path.optional(),
  archive: path.optional(),
});
export type EnvironmentFile = z.output<typeof environmentFileSchema>;
