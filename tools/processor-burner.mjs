/**
 * Keeps processors busy, as other programs of a machine may: child processes that compute for nothing. They end when they
 * are told to, and by themselves when whoever started them is gone, however that came about.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(import.meta.url);
/** ms of computing between two looks at whether anybody still wants it. */
const slice = 20;

/**
 * @param {number} [count] processes; one for each processor unless told
 * @returns {{ readonly pids: readonly number[], end(): Promise<void> }}
 */
export function startBurner(count = availableParallelism()) {
  const children = Array.from({ length: count }, () => fork(file, [], { execArgv: [], stdio: 'ignore' }));
  const gone = children.map(
    (child) =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.once('error', resolve);
      }),
  );
  const kill = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', kill);
  return {
    pids: children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    end: async () => {
      process.off('exit', kill);
      kill();
      await Promise.all(gone);
    },
  };
}

function burn() {
  const until = performance.now() + slice;
  while (performance.now() < until);
  // A break, in which it is heard that the parent is gone.
  setImmediate(burn);
}

// As a program of its own it burns; imported it only offers to.
if (process.argv[1] === file && process.send) {
  process.on('disconnect', () => process.exit());
  burn();
}
