/**
 * Values by name, for many names that change often: never changed in place, and a new version shares most of its memory with
 * the old one. Changing a value costs about as much in a table of two thousand names as in one of ten. Plain JSON.
 */

const bucketCount = 64;

export interface NameTable<Value> {
  /** How many names there are. */
  readonly size: number;
  /** Names spread by their hash; none before the first name. */
  readonly buckets: readonly Readonly<Record<string, Value>>[];
}

export const emptyTable: NameTable<never> = { size: 0, buckets: [] };

/** The value of a name, or undefined. */
export function valueOf<Value>(table: NameTable<Value>, name: string): Value | undefined {
  const bucket = table.buckets[bucketOf(name)];
  return bucket && Object.hasOwn(bucket, name) ? bucket[name] : undefined;
}

/** The table with a value for a name, instead of the one it may have had. */
export function withValue<Value>(table: NameTable<Value>, name: string, value: Value): NameTable<Value> {
  const buckets =
    table.buckets.length > 0 ? table.buckets : Array.from({ length: bucketCount }, (): Readonly<Record<string, Value>> => ({}));
  const bucket = buckets[bucketOf(name)] ?? {};
  const size = Object.hasOwn(bucket, name) ? table.size : table.size + 1;
  return { size, buckets: buckets.with(bucketOf(name), { ...bucket, [name]: value }) };
}

/** The table without a name. */
export function withoutName<Value>(table: NameTable<Value>, name: string): NameTable<Value> {
  const bucket = table.buckets[bucketOf(name)];
  if (!bucket || !Object.hasOwn(bucket, name)) return table;
  const { [name]: _removed, ...rest } = bucket;
  return { size: table.size - 1, buckets: table.buckets.with(bucketOf(name), rest) };
}

/** A table of these values. */
export function tableOf<Value>(values: Readonly<Record<string, Value>>): NameTable<Value> {
  let table: NameTable<Value> = emptyTable;
  for (const [name, value] of Object.entries(values)) table = withValue(table, name, value);
  return table;
}

/** Names and values, in the order of the names. */
export function entriesOf<Value>(table: NameTable<Value>): [string, Value][] {
  return table.buckets.flatMap((bucket) => Object.entries(bucket)).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** FNV-1a, folded to the number of buckets. */
function bucketOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return ((hash >>> 16) ^ hash) & (bucketCount - 1);
}
