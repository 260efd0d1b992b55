/** Globs over names (metrics, interfaces, actions): `*` is any text, `?` any one character, all else itself. */

/** Whether a name fits any of the globs.  */
export function globMatcher(globs: readonly string[]): (name: string) => boolean {
  return (name) => globs.some((glob) => fits(glob, name));
}

/** Greedy with one point of return: never more than length × length steps. */
function fits(glob: string, name: string): boolean {
  let [inGlob, inName, star, returnTo] = [0, 0, -1, 0];
  while (inName < name.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      star = inGlob++;
      returnTo = inName;
    } else if (wanted === '?' || wanted === name[inName]) {
      inGlob++;
      inName++;
    } else if (star >= 0) {
      inGlob = star + 1;
      inName = ++returnTo;
    } else return false;
  }
  while (glob[inGlob] === '*') inGlob++;
  return inGlob === glob.length;
}
