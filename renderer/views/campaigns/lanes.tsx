/** What ran where along the time: a lane for each worker or server, each attempt in the colour, the height and with the sign of how it ended. */
import type { LaneLease } from '#shared/contract/campaigns.ts';
import { counted } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';
import { timeOfDay } from '#shared/wording/times.ts';
import type { Stretch } from '../../stores/campaigns/campaign-lanes.ts';
import { lookOfLease } from './campaign-words.ts';
import { axisMarks, type Lane, type LaneBar } from './lane-rows.ts';
import style from './lanes.module.css';

/** px of one line of a lane. */
const lineHeight = 16;
/** Share of the stretch from which there is room for a sign. */
const roomForSign = 0.012;

/** Share of the axis from which a label ends at its mark: behind it there is no room. */
const lastPart = 0.92;

interface LanesProps {
  readonly title: string;
  readonly lanes: readonly Lane[];
  readonly stretch: Stretch;
  readonly onOpen: (lease: LaneLease) => void;
}

function tipOf({ suite, test, tests, attempt, worker, server, leasedAt, settledAt }: LaneLease, words: string): string {
  const more = tests > 1 ? ` and ${tests - 1} more` : '';
  const place = server === null ? worker : `${worker} on ${server}`;
  const took = settledAt === null ? 'goes on' : durationText(settledAt - leasedAt);
  return `${suite}: ${test}${more}, attempt ${attempt}: ${words}\n${place}, ${timeOfDay(leasedAt)}, ${took}`;
}

function Attempt({ bar, onOpen }: { readonly bar: LaneBar; readonly onOpen: (lease: LaneLease) => void }) {
  const { lease, line, from, width } = bar;
  const { tone, sign, words } = lookOfLease(lease);
  return (
    <div
      className={style['attempt']}
      data-tone={tone}
      data-words={words}
      title={tipOf(lease, words)}
      style={{ left: `${from * 100}%`, width: `${width * 100}%`, top: line * lineHeight }}
      onClick={() => onOpen(lease)}
    >
      {width >= roomForSign && sign}
    </div>
  );
}

/** What a lane says to those who do not see it. */
function laneWords({ name, bars }: Lane): string {
  const counts = new Map<string, number>();
  for (const { lease } of bars) {
    const { words } = lookOfLease(lease);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  const told = [...counts].map(([words, count]) => `${count} ${words}`).join(', ');
  return `${name}: ${counted(bars.length, 'attempt')}${told && `, ${told}`}`;
}

/** What colours and signs mean, of those that are seen. */
function Legend({ lanes }: { readonly lanes: readonly Lane[] }) {
  const looks = new Map(lanes.flatMap(({ bars }) => bars.map(({ lease }) => [lookOfLease(lease).words, lookOfLease(lease)] as const)));
  return (
    <ul className={style['legend']} aria-label="What the colours mean">
      {[...looks].map(([words, { tone, sign }]) => (
        <li key={words}>
          <i className={style['attempt']} data-tone={tone} data-words={words} aria-hidden>
            {sign}
          </i>
          {words}
        </li>
      ))}
    </ul>
  );
}

export function Lanes({ title, lanes, stretch, onOpen }: LanesProps) {
  const placed = (time: number): number => (time - stretch.from) / Math.max(1, stretch.to - stretch.from);
  const share = (time: number): string => `${placed(time) * 100}%`;
  const marks = axisMarks(stretch);
  return (
    <div className={style['lanes']} role="group" aria-label={title}>
      <div className={style['laneHead']}>
        <h3>{title}</h3>
        <Legend lanes={lanes} />
      </div>
      {lanes.map((lane) => (
        <div key={lane.name} className={style['lane']}>
          <span className="clipped" title={lane.name}>
            {lane.name}
          </span>
          <div className={style['track']} role="img" aria-label={laneWords(lane)} style={{ height: lane.lines * lineHeight }}>
            {marks.map((mark) => (
              <i key={mark} style={{ left: share(mark) }} />
            ))}
            {lane.bars.map((bar) => (
              <Attempt key={bar.lease.fence} bar={bar} onOpen={onOpen} />
            ))}
          </div>
        </div>
      ))}
      <div className={style['axis']} aria-hidden>
        <span />
        <div>
          {marks.map((mark) => (
            <span key={mark} style={placed(mark) > lastPart ? { right: 0 } : { left: share(mark) }}>
              {timeOfDay(mark)}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
