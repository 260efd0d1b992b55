/**
 * What a scenario may name: the commands, components and metrics of an environment, as the checker and the language
 * service need to know them. Made from the daemons' live catalogues, the plugins and the environment's aliases, or
 * read from a pinned catalogue when there is no connection.
 */
import { z } from 'zod';
import type { Immutable } from '#shared/immutable.ts';
import { componentCommandSchema, hazardSchema, parameterSchema } from '#shared/protocol/observations.ts';
import { unitSchema } from '#shared/telemetry/series.ts';

export const commandDescriptionSchema = z.object({
  name: z.string(),
  help: z.string().exactOptional(),
  parameters: z.array(parameterSchema),
  hazard: hazardSchema,
  source: z.enum(['action', 'plugin', 'alias']),
  /** Daemons that offer it; more than one is ambiguous. Empty for plugins. */
  daemons: z.array(z.string()),
});
export type CommandDescription = Immutable<z.infer<typeof commandDescriptionSchema>>;

export const componentDescriptionSchema = z.object({
  name: z.string(),
  /** Daemons that claim it; more than one is ambiguous. */
  daemons: z.array(z.string()),
  states: z.array(z.string()),
  commands: z.array(componentCommandSchema),
  signals: z.array(z.string()),
  metrics: z.array(z.object({ name: z.string(), unit: unitSchema })),
});
export type ComponentDescription = Immutable<z.infer<typeof componentDescriptionSchema>>;

export const scenarioCatalogueSchema = z.object({
  commands: z.array(commandDescriptionSchema),
  components: z.array(componentDescriptionSchema),
  /** Names that `call` may use. Absent when the scenarios around are not known. */
  scenarios: z.array(z.string()).exactOptional(),
});
export type ScenarioCatalogue = Immutable<z.infer<typeof scenarioCatalogueSchema>>;
