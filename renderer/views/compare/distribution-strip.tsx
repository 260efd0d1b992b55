/** The distribution of a finding in the width of a table cell: baseline runs as dots, the expected range as a bar, the candidate as a diamond. */
import type { Finding } from '#shared/analysis/comparison.ts';
import { distributionText } from './comparison-words.ts';
import { distributionPlaces } from './distribution.ts';
import style from './findings.module.css';

const width = 140;
const height = 22;
const middle = height / 2;
const diamond = 5;

export function DistributionStrip({ finding }: { readonly finding: Finding }) {
  const places = distributionPlaces(finding);
  if (!places) return <span className={style['noStrip']} />;
  const { dots, expected, candidate } = places;
  const x = (share: number) => share * width;
  return (
    <svg className={style['strip']} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={distributionText(finding)}>
      <line x1={0} x2={width} y1={middle} y2={middle} className={style['stripLine']} />
      {expected && (
        <>
          <rect
            x={x(expected.low)}
            width={Math.max(2, x(expected.high) - x(expected.low))}
            y={middle - 6}
            height={12}
            rx={2}
            className={style['stripRange']}
          />
          <line x1={x(expected.median)} x2={x(expected.median)} y1={middle - 6} y2={middle + 6} className={style['stripMedian']} />
        </>
      )}
      {dots.map((share, index) => (
        // Dots have no identity of their own.
        // oxlint-disable-next-line react/no-array-index-key
        <circle key={index} cx={x(share)} cy={middle} r={2.5} className={style['stripDot']} />
      ))}
      {candidate !== null && (
        <path
          d={`M${x(candidate)} ${middle - diamond} l${diamond} ${diamond} l${-diamond} ${diamond} l${-diamond} ${-diamond} z`}
          className={style['stripCandidate']}
          data-status={finding.status}
        />
      )}
    </svg>
  );
}
