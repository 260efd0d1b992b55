/** Processes of this machine, for tests that end some of them. */
import { execFileSync } from 'node:child_process';

/** A process whose command line contains all of the words; the youngest, where there are several. */
export function processOf(...words: readonly string[]): number {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const found = lines.filter((line) => words.every((word) => line.includes(word)) && !line.includes('ps -eo'));
  return Number(found.at(-1)?.trim().split(' ')[0]);
}

export function childrenOf(parent: number): readonly { readonly pid: number; readonly command: string }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, of, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(of) === parent ? [{ pid: Number(pid), command: command ?? '' }] : [];
  });
}
