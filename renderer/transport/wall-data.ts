/** What the page of a wall is told: asked for each second by the token of its link, and nothing besides. */
import type { MethodResponse } from '#shared/contract/contract.ts';

export type WallData = MethodResponse<'radiator.show'>;

export type WallState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'live'; readonly data: WallData }
  /** What was told last, and since when (ms since 1970) nothing is. */
  | { readonly kind: 'lost'; readonly data: WallData | null; readonly since: number }
  /** The link holds no more: what was told is shown no more, either. */
  | { readonly kind: 'refused' };

/** ms between two questions; and for an answer. */
const interval = 1_000;
const patience = 10_000;

async function ask(token: string): Promise<WallData | 'refused' | null> {
  try {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch('/radiator/data', { headers, cache: 'no-store', signal: AbortSignal.timeout(patience) });
    if (answer.status === 401) return 'refused';
    // The host has decoded it from the core's answer: it is trusted as the page itself is.
    return answer.ok ? ((await answer.json()) as WallData) : null;
  } catch {
    return null;
  }
}

/** Tells each change until the returned function is called. A link that is refused is asked for no more. */
export function followWall(token: string, told: (change: (before: WallState) => WallState) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLeft = false;
  const again = async (): Promise<void> => {
    const data = /^[\w-]{1,256}$/.test(token) ? await ask(token) : 'refused';
    if (isLeft) return;
    if (data === 'refused') return told(() => ({ kind: 'refused' }));
    told((before) => (data ? { kind: 'live', data } : lostAfter(before)));
    timer = setTimeout(() => void again(), interval);
  };
  void again();
  return () => {
    isLeft = true;
    clearTimeout(timer);
  };
}

function lostAfter(before: WallState): WallState {
  if (before.kind === 'lost') return before;
  return { kind: 'lost', data: before.kind === 'live' ? before.data : null, since: Date.now() };
}
