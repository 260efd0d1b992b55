/** How many there are of something, in words that agree. */

/** `1 run`, `2 runs`, `1,200 runs`; `many` where an `s` does not make the plural. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
