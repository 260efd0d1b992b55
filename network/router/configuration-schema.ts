/** The form of `router.yaml`. */
import { z } from 'zod';
import { section } from '#platform/configuration/leaves.ts';
import { isPublicKey } from '#platform/keys.ts';
import { environmentNameSchema, namePattern } from '#shared/identifiers.ts';
import { roles } from './permissions.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:4222`, `[::1]:4222`, `0.0.0.0:4222`, or a port alone, on loopback. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const parts = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(parts?.[3]);
  if (!parts || port > 65_535) return undefined;
  return { host: parts[1] ?? parts[2] ?? '127.0.0.1', port };
}

const address = z.union([z.string(), z.int()]).transform((value, context): ListenAddress => {
  const parsed = parseListenAddress(String(value));
  if (parsed) return parsed;
  context.addIssue({
    code: 'custom',
    message: `is not an address to listen on`,
    params: { code: 'bad-address', tip: 'Write 127.0.0.1:4222, or 0.0.0.0:4222 for all addresses of this machine.' },
  });
  return z.NEVER;
});

const publicKey = z.string().refine(isPublicKey, {
  error: 'is not the public key of a user',
  params: { code: 'bad-key', tip: 'Public keys start with U; "testops keys new" prints one. Seeds (SU…) stay in their files.' },
});

const userName = z
  .string()
  .regex(namePattern, { error: 'a name starts with a letter and holds only letters, digits, _ and -, 64 at most' });

const certificates = section({
  certificate: z.string().min(1),
  key: z.string().min(1),
  ca: z.string().min(1).optional(),
  mutual: z.boolean().default(false),
}).superRefine((tls, context) => {
  if (!tls.mutual || tls.ca !== undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['mutual'],
    message: 'needs "ca"',
    params: { code: 'missing-ca', tip: 'Name the authority that signed the certificates of the clients.' },
  });
});

const user = section({
  name: userName,
  key: publicKey,
  role: z.enum(roles),
  environment: z.union([environmentNameSchema, z.array(environmentNameSchema).min(1)]).transform((value) => [value].flat()),
});

const count = (least: number, most: number) => z.int().min(least).max(most).optional();

export const routerFileSchema = section({
  listen: address.default({ host: '127.0.0.1', port: 4222 }),
  tls: certificates.optional(),
  websocket: section({
    listen: address,
    tls: certificates.optional(),
    origins: z.array(z.url()).optional(),
  }).optional(),
  limits: section({
    maximumPayload: count(1_024, 64 * 1_048_576),
    maximumPending: count(1_048_576, 1_073_741_824),
    maximumConnections: count(1, 65_536),
    maximumSubscriptions: count(1, 100_000),
    pingInterval: count(100, 3_600_000),
    authenticationTimeout: count(100, 60_000),
  }).optional(),
  /** Of a nats-server: where it keeps campaigns, and which operator may make the streams of all of its environments. */
  jetstream: section({ folder: z.string().min(1), administrator: userName.optional() }).optional(),
  users: z.array(user).min(1).optional(),
}).superRefine(({ users, jetstream }, context) => {
  const administrator = jetstream?.administrator;
  if (administrator !== undefined && !users?.some(({ name, role }) => name === administrator && role === 'operator')) {
    context.addIssue({
      code: 'custom',
      path: ['jetstream', 'administrator'],
      message: 'is no operator among the users',
      params: { code: 'no-administrator', tip: 'Name an operator of the environments whose campaigns are kept there.' },
    });
  }
  const seen = new Map<string, string>();
  users?.forEach((each, index) => {
    for (const [what, value] of [
      ['name', each.name],
      ['key', each.key],
    ] as const) {
      const other = seen.get(value);
      if (other === undefined) seen.set(value, each.name);
      else {
        context.addIssue({
          code: 'custom',
          path: ['users', index, what],
          message: `is that of another user too (${other})`,
          params: { code: 'double-user', tip: 'Every user has a name and a key of its own.' },
        });
      }
    }
  });
});
export type RouterFile = z.infer<typeof routerFileSchema>;
