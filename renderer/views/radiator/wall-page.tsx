/** The wall by a link: what its host tells, or why it tells nothing. */
import { useEffect, useMemo, useState } from 'react';
import { secondsText } from '#shared/wording/durations.ts';
import { useNow } from '../../components/use-now.ts';
import { followWall, type WallState } from '../../transport/wall-data.ts';
import { Wall } from './wall.tsx';
import style from './radiator.module.css';

function lostText(state: WallState, now: number): string | null {
  return state.kind === 'lost' ? `Not live: the core is out of reach for ${secondsText(now - state.since)}` : null;
}

export function WallPage({ token }: { readonly token: string }) {
  const [state, setState] = useState<WallState>({ kind: 'reading' });
  const now = useNow(1_000);
  useEffect(() => followWall(token, setState), [token]);
  const data = 'data' in state ? state.data : null;
  const forecasts = useMemo(() => new Map(data?.forecasts.map(({ campaign, forecast }) => [campaign, forecast])), [data]);
  if (state.kind === 'refused')
    return (
      <div className={style['wall']} data-always-dark role="main" aria-label="Radiator">
        <p className={style['nothing']} role="alert">
          This link shows nothing: it was revoked, or never was one. Make another: testops radiator link
        </p>
      </div>
    );
  return <Wall campaigns={data?.campaigns ?? null} forecasts={forecasts} now={now} lost={lostText(state, now)} isDialog={false} />;
}
