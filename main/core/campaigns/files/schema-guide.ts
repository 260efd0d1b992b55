/**
 * What a schema of configuration files says of a place: which keys may stand there, which words, what they mean, what holds unless they are given. It is read
 * from the very schema that decodes the file; meanings stand there as `meta`.
 */
import { z } from 'zod';

/** What a schema may carry besides what it decodes. */
const metaSchema = z.object({
  description: z.string().optional(),
  /** All that it may be. */
  words: z.array(z.string()).optional(),
  /** Kind of names of the workspace that are suggested, of keys or values. */
  names: z.enum(['suites', 'labels', 'tags', 'capacities']).optional(),
});

export interface SchemaPlace {
  readonly help: string;
  readonly words: readonly string[];
  readonly names: z.output<typeof metaSchema>['names'] | null;
  /** Keys that may stand below it; null: it is no group of known keys. */
  readonly keys: readonly string[] | null;
  readonly isGroup: boolean;
  readonly isRequired: boolean;
  readonly fallback: unknown;
}

/** What is at a path of keys, `*` for entries of lists; null: nothing that is known. */
export function placeIn(schema: z.ZodType, path: readonly string[]): SchemaPlace | null {
  let found: z.ZodType | undefined = schema;
  for (const step of path) found = found && below(bare(found), step);
  return found ? toldOf(found) : null;
}

function toldOf(schema: z.ZodType): SchemaPlace {
  const inner = bare(schema);
  const metas = wrappings(schema).map((each) => metaSchema.parse(each.meta() ?? {}));
  const first = <Key extends 'description' | 'words' | 'names'>(key: Key) => metas.find((meta) => meta[key] !== undefined)?.[key];
  const optional = wrappings(schema).find((each) => each instanceof z.ZodDefault || each instanceof z.ZodOptional);
  return {
    help: first('description') ?? '',
    words: first('words') ?? [],
    names: first('names') ?? null,
    keys: inner instanceof z.ZodObject ? Object.keys(inner.shape) : null,
    isGroup: inner instanceof z.ZodObject || inner instanceof z.ZodRecord,
    isRequired: optional === undefined,
    fallback: optional instanceof z.ZodDefault ? optional.def.defaultValue : undefined,
  };
}

/** A schema and those within it, without what only says that it may be absent. */
function wrappings(schema: z.ZodType): readonly z.ZodType[] {
  const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? (schema.def.innerType as z.ZodType) : null;
  return inner ? [schema, ...wrappings(inner)] : [schema];
}

function bare(schema: z.ZodType): z.ZodType {
  return wrappings(schema).at(-1) ?? schema;
}

function below(schema: z.ZodType, step: string): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? (schema.shape[step] as z.ZodType) : undefined;
  if (schema instanceof z.ZodRecord) return step === '*' ? undefined : (schema.def.valueType as z.ZodType);
  if (schema instanceof z.ZodArray) return step === '*' ? (schema.def.element as z.ZodType) : undefined;
  return undefined;
}
