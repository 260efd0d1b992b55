/**
 * Subjects: tokens joined by dots. In a pattern `*` stands for one token and a last `>` for one or more. Subjects are
 * kept as Latin-1 strings, one character per byte, so that any bytes a client sends come out unchanged.
 */

/** Whether a client may subscribe to this: no empty token, no blank, `>` only at the end. */
export function isValidPattern(pattern: string): boolean {
  if (pattern.length === 0 || hasControl(pattern)) return false;
  const tokens = pattern.split('.');
  return tokens.every((token, index) => token !== '' && (token !== '>' || index === tokens.length - 1));
}

/** Whether a message may be published under this; patterns are none. */
export function isLiteralSubject(subject: string): boolean {
  return isValidPattern(subject) && !hasWildcard(subject);
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) <= 0x20) return true;
  return false;
}

/** Whether any token is `*` or `>`; a star inside a longer token is an ordinary character. */
export function hasWildcard(pattern: string): boolean {
  if (!pattern.includes('*') && !pattern.includes('>')) return false;
  return pattern.split('.').some((token) => token === '*' || token === '>');
}

/** Whether every subject that `inner` matches is matched by `outer` too. A literal subject is a pattern for itself. */
export function covers(outer: readonly string[], inner: readonly string[]): boolean {
  for (let index = 0; index < outer.length; index++) {
    const token = outer[index];
    if (token === '>') return inner.length > index;
    const other = inner[index];
    if (other === undefined || other === '' || other === '>') return false;
    if (token !== '*' && token !== other) return false;
  }
  return outer.length === inner.length;
}
