/** Writes the configuration of a nats-server that does what a `router.yaml` says, for a team that outgrows one router. */
import type { RouterConfiguration } from './configuration.ts';
import { inboxPrefix } from '#shared/protocol/subjects.ts';
import type { ListenAddress } from './configuration-schema.ts';
import { campaignPermissions } from './jetstream-permissions.ts';
import { permissionsForAll } from './permissions.ts';
import type { Permissions } from './permissions.ts';
import { completeLimits } from './router-options.ts';

type Certificates = NonNullable<RouterConfiguration['tls']>;
type User = NonNullable<RouterConfiguration['users']>[number];

/** Text of a `nats-server.conf`; start it with `nats-server -c nats-server.conf`. */
export function natsServerConfiguration(configuration: RouterConfiguration): string {
  const { listen, tls, websocket, users, jetstream } = configuration;
  const limits = completeLimits(configuration.limits ?? {});
  const seconds = limits.authenticationTimeout / 1_000;
  return [
    '# Made from router.yaml. Start with: nats-server -c nats-server.conf',
    `listen: ${quote(address(listen))}`,
    `max_payload: ${limits.maximumPayload}`,
    `max_pending: ${Math.max(limits.maximumPending, limits.maximumPayload)}`,
    `max_connections: ${limits.maximumConnections}`,
    `max_subscriptions: ${limits.maximumSubscriptions}`,
    `ping_interval: ${quote(`${limits.pingInterval}ms`)}`,
    ...(tls ? section('tls', [...certificates(tls), `timeout: ${seconds}`]) : []),
    ...(websocket
      ? section('websocket', [
          `listen: ${quote(address(websocket.listen))}`,
          ...(websocket.tls ? section('tls', certificates(websocket.tls)) : ['no_tls: true']),
          // Web pages of other origins may not connect.
          ...(websocket.origins ? [`allowed_origins: ${list(websocket.origins)}`] : ['same_origin: true']),
        ])
      : []),
    ...(jetstream ? section('jetstream', [`store_dir: ${quote(jetstream.folder)}`]) : []),
    ...(users
      ? section('authorization', [
          `timeout: ${seconds}`,
          'users: [',
          ...users.flatMap((each) => user(each.name, each.key, permissionsOf(each, configuration))).map(indent),
          ']',
        ])
      : []),
    '',
  ].join('\n');
}

/**
 * As in the embedded router; and with JetStream what campaigns need. There a reply is a message like any other, which a stream may keep: so
 * requests are answered in the inboxes of those who may ask, and not wherever a request says.
 */
function permissionsOf(user: User, { jetstream, users = [] }: RouterConfiguration): Permissions {
  const { name, role, environment } = user;
  const usual = permissionsForAll(role, environment, name);
  if (!jetstream) return usual;
  const more = role === 'operator' ? environment.map((each) => campaignPermissions(each, jetstream.administrator === name)) : [];
  const answers = usual.allowResponses ? inboxesOfAskers(user, users) : [];
  return {
    publish: { allow: [...(usual.publish?.allow ?? []), ...answers, ...more.flatMap(({ publish }) => publish?.allow ?? [])] },
    subscribe: { allow: [...(usual.subscribe?.allow ?? []), ...more.flatMap(({ subscribe }) => subscribe?.allow ?? [])] },
  };
}

/** Operators and viewers ask daemons, daemons ask operators, of one environment. */
function inboxesOfAskers({ role, environment }: User, users: readonly User[]): string[] {
  return users
    .filter((other) => (other.role === 'daemon') !== (role === 'daemon') && other.environment.some((each) => environment.includes(each)))
    .map(({ name }) => `${inboxPrefix(name)}.>`);
}

function user(name: string, key: string, permissions: Permissions): string[] {
  const { publish, subscribe, allowResponses } = permissions;
  return [
    `# ${name}`,
    '{',
    ...[
      `nkey: ${quote(key)}`,
      ...section('permissions', [
        ...(publish ? section('publish', rules(publish)) : []),
        ...(subscribe ? section('subscribe', rules(subscribe)) : []),
        ...(allowResponses
          ? [`allow_responses: { max: ${allowResponses.maximum}, expires: ${quote(`${allowResponses.expires}ms`)} }`]
          : []),
      ]),
    ].map(indent),
    '}',
  ];
}

function rules(given: { readonly allow?: readonly string[]; readonly deny?: readonly string[] }): string[] {
  return [...(given.allow ? [`allow: ${list(given.allow)}`] : []), ...(given.deny ? [`deny: ${list(given.deny)}`] : [])];
}

function certificates(tls: Certificates): string[] {
  return [
    `cert_file: ${quote(tls.certificate)}`,
    `key_file: ${quote(tls.key)}`,
    ...(tls.ca === undefined ? [] : [`ca_file: ${quote(tls.ca)}`]),
    ...(tls.mutual ? ['verify: true'] : []),
  ];
}

function section(name: string, lines: readonly string[]): string[] {
  return [`${name} {`, ...lines.map(indent), '}'];
}

function indent(line: string): string {
  return `  ${line}`;
}

function list(values: readonly string[]): string {
  return `[${values.map(quote).join(', ')}]`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function address({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
