/** Says one thing after the other about a run, and tells each that is on the disk, until it is killed. */
import { RemarkStore } from '#main/core/archive/remark-store.ts';
import { runIdSchema } from '#shared/identifiers.ts';

const [folder = '', run = '', name = ''] = process.argv.slice(2);
const store = new RemarkStore(folder, () => Date.now());
for (let number = 0; ; number++) {
  const text = `${name} ${number}`;
  await store.add(runIdSchema.parse(run), name, { kind: 'note', time: null, text });
  process.send?.(text);
}
