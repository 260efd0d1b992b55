/** `testops schema`: the schema of the records, made from the very schema that decodes them. */
import { z } from 'zod';
import { runRecordSchema } from '#shared/run/records.ts';

export function schema(): void {
  process.stdout.write(`${JSON.stringify(z.toJSONSchema(runRecordSchema), null, 2)}\n`);
}
