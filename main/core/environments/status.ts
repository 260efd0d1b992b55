/** What an environment looks like now: its daemons, what they offer, and the present states and values of their components. */
import type { EnvironmentDescription, OpenEnvironment } from './access.ts';
import type { DaemonView, Link } from '../ports.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';

type DaemonStatus = EnvironmentStatus['daemons'][number];
type ComponentStatus = DaemonStatus['components'][number];

/** @param drift what differs from the pinned catalogue, where the caller knows it already */
export async function environmentStatus(
  environment: OpenEnvironment,
  release = releaseTold(environment.description),
  drift?: EnvironmentStatus['drift'],
): Promise<EnvironmentStatus> {
  const { description, link } = environment;
  const views = link.daemons();
  const problems = problemsOf(link, views);
  return {
    environment: description.name,
    router: description.router,
    connected: link.connected,
    release,
    operator: description.operator,
    daemons: views.map((view) => daemonStatus(link, view)),
    ...(problems.length > 0 && { problems }),
    drift: drift === undefined ? await environment.drift() : drift,
    ...((await environment.fileChanged?.()) === true && { fileChanged: true }),
    limits: description.limits.map(({ reading, text, severity }) => ({ series: reading, text, severity })),
  };
}

/** Why the router is not connected, where that is known, and what keeps daemons from being commanded. */
function problemsOf(link: Link, views: readonly DaemonView[]): NonNullable<EnvironmentStatus['problems']> {
  const refusal = link.connected ? null : link.refusal;
  return [...(refusal ? [refusal] : []), ...views.flatMap(({ problems = [] }) => problems)].map(({ severity, code, message, tip }) => ({
    severity,
    code,
    message,
    ...(tip !== undefined && { tip }),
  }));
}

/** The release under test, as far as it is known without asking the environment. */
export function releaseTold({ release }: Pick<EnvironmentDescription, 'release'>): string {
  if (release === null) return 'unknown';
  return release.kind === 'value' ? release.value : `told by '${release.words.join(' ')}'`;
}

function daemonStatus(link: Link, view: DaemonView): DaemonStatus {
  const { daemon, catalogue, clockOffset, silence, lastSign = null, received, state } = view;
  const { records, samples, gapsFilled, recordsLost } = received;
  const names = new Set((catalogue?.components ?? []).map(({ name }) => name));
  for (const series of catalogue?.series ?? []) names.add(series.component);
  return {
    daemon,
    presence: state,
    catalogue,
    clockOffset,
    silence,
    lastSign,
    received: { records, samples, gapsFilled, recordsLost },
    components: [...names].map((name) => componentStatus(link, view, name)),
  };
}

function componentStatus(link: Link, { catalogue, state: presence }: DaemonView, component: string): ComponentStatus {
  const told = catalogue?.states.find((each) => each.component === component);
  const state = link.reading(`${component}.STATE`);
  const metrics: Record<string, number | null> = {};
  const series = (catalogue?.series ?? []).filter((each) => each.component === component).map(({ metric }) => metric);
  const declared = catalogue?.components.find(({ name }) => name === component)?.metrics ?? [];
  for (const metric of new Set([...series, ...declared])) {
    const value = link.reading(`${component}.${metric}`);
    metrics[metric] = typeof value === 'number' ? value : null;
  }
  const pid = link.reading(`${component}.pid`);
  const usable = presence === 'present';
  return {
    component,
    state: state === null ? (usable ? (told?.state ?? 'unknown') : 'unknown') : String(state),
    pid: typeof pid === 'number' ? pid : usable && state === null ? (told?.pid ?? null) : null,
    metrics,
  };
}
