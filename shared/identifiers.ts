/** Branded identifiers, so that a daemon's name cannot be passed where a run's id is meant. */
import { z } from 'zod';

/** What names of environments, daemons, components and scenarios may look like; they stand in subjects, file names and scripts. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

export const nameRule = 'a name starts with a letter and holds only letters, digits, _ and - (64 at most)';

/** What keeps a text from being a name, as a sentence goes on after it; null: nothing does. */
export function nameFault(text: string): string | null {
  if (namePattern.test(text)) return null;
  if (text === '') return 'is empty';
  const [stranger] = /[^A-Za-z0-9_-]/u.exec(text) ?? [];
  if (stranger !== undefined && /\s/.test(stranger)) return stranger === ' ' ? 'holds a space' : 'holds white space';
  if (stranger !== undefined) return `holds “${stranger}”`;
  if (!/^[A-Za-z]/.test(text)) return `starts with “${text.charAt(0)}”`;
  return `has ${text.length} characters`;
}

/** Whatever has a name of this form: environments, daemons, components, scenarios, suites, servers. */
export const nameSchema = z.string().regex(namePattern, {
  error: ({ input }) => `${nameRule}${typeof input === 'string' ? `; this one ${nameFault(input)}` : ''}`,
});

export const environmentNameSchema = nameSchema.brand<'EnvironmentName'>();
export type EnvironmentName = z.infer<typeof environmentNameSchema>;

export const daemonNameSchema = nameSchema.brand<'DaemonName'>();
export type DaemonName = z.infer<typeof daemonNameSchema>;

export const componentNameSchema = nameSchema.brand<'ComponentName'>();
export type ComponentName = z.infer<typeof componentNameSchema>;

/** Sixteen hexadecimal digits: six bytes of start time (ms), two random bytes. New each time a daemon starts; later epochs sort later. */
export const epochSchema = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'an epoch is sixteen hexadecimal digits')
  .brand<'Epoch'>();
export type Epoch = z.infer<typeof epochSchema>;

/** `20261120T221735Z-failover-3f9a`: start time (UTC), scenario, random part. Also the name of the run's folder. */
export const runIdSchema = z
  .string()
  .regex(/^[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_-]{1,64}-[0-9a-f]{4,12}$/, 'not the id of a run')
  .brand<'RunId'>();
export type RunId = z.infer<typeof runIdSchema>;

/** Unique id of one command sent to one daemon. */
export const commandIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/)
  .brand<'CommandId'>();
export type CommandId = z.infer<typeof commandIdSchema>;
