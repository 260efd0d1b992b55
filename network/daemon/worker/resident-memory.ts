/** How much memory processes and their descendants hold. */
import { readdirSync } from 'node:fs';
import { readStatFields, statField } from '#platform/process-identity.ts';

/** Bytes of a page where the system does not tell; the usual ones. */
const pageBytes = 4_096;
const residentField = 21;

/** Bytes of memory that these processes and all that came of them hold; 0 where the system does not tell. Shared pages count for each. */
export function residentBytes(pids: readonly number[]): number {
  if (process.platform !== 'linux' || pids.length === 0) return 0;
  const entries = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), fields: readStatFields(Number(name)) }));
  const found = new Set(pids);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, fields } of entries) if (fields && found.has(Number(fields[statField.parent]))) found.add(pid);
  }
  return entries.reduce((sum, { pid, fields }) => sum + (found.has(pid) && fields ? Number(fields[residentField]) * pageBytes : 0), 0);
}
