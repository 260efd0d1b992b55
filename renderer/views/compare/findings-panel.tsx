/** The findings with their filter. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMemo, type RefObject } from 'react';
import type { Comparison, Finding } from '#shared/analysis/comparison.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { createComparison, everyFinding, useComparison } from '../../stores/comparison.ts';
import type { CauseRemark } from '../decisions/decision-words.ts';
import { filterFindings, kindCounts, placeText, rowsOf, type StepsByKey } from './finding-rows.ts';
import { FindingsList } from './findings-list.tsx';
import style from './findings.module.css';
import { useStores } from '../../stores/context.ts';
import { countText } from '#shared/wording/counts.ts';

interface FindingsPanelProps {
  readonly comparison: Comparison;
  readonly steps: StepsByKey;
  readonly explained: ReadonlyMap<string, CauseRemark>;
  readonly filterInput: RefObject<HTMLInputElement | null>;
}

const statuses: readonly { readonly value: Finding['status']; readonly label: string }[] = [
  { value: 'confirmed', label: 'confirmed' },
  { value: 'plain', label: 'not confirmed' },
];

export function FindingsPanel({ comparison, steps, explained, filterInput }: FindingsPanelProps) {
  const { setFindingFilter } = useStores().get(createComparison);
  const { findings, candidate } = comparison;
  const filter = useComparison((state) => state.filter);
  const expanded = useComparison((state) => state.expanded);
  const ranked = useMemo(() => filterFindings(findings, steps, explained, filter), [findings, steps, explained, filter]);
  const rows = useMemo(() => rowsOf(ranked, expanded), [ranked, expanded]);
  const kinds = useMemo(() => [...kindCounts(findings)].map(([value, count]) => ({ value, label: `${value} (${count})` })), [findings]);
  return (
    <section className={style['panel']} aria-labelledby="findings-title">
      <header className={style['panelHead']}>
        <h2 id="findings-title">What changed, most telling first</h2>
        <span className="muted" role="status">
          {countText(ranked.length)} of {countText(findings.length)}
        </span>
        <p className={style['legend']} aria-hidden>
          <span data-mark="run">runs</span>
          <span data-mark="expected">expected</span>
          <span data-mark="candidate">candidate</span>
          <span>×: usual spreads</span>
        </p>
      </header>
      <div className={style['filter']}>
        <TextInput
          ref={filterInput}
          aria-label="Filter findings"
          placeholder="Filter: metric, step, cause …"
          value={filter.text}
          onChange={(event) => setFindingFilter({ text: event.currentTarget.value })}
          className={style['filterText'] ?? ''}
        />
        <Select
          aria-label="Kind of finding"
          placeholder="Any kind"
          data={kinds}
          value={filter.kind}
          onChange={(value) => setFindingFilter({ kind: kinds.find((each) => each.value === value)?.value ?? null })}
          clearable
          w={124}
        />
        <Select
          aria-label="Confirmed or not"
          placeholder="Any status"
          data={[...statuses]}
          value={filter.status}
          onChange={(value) => setFindingFilter({ status: statuses.find((each) => each.value === value)?.value ?? null })}
          clearable
          w={124}
        />
        <Checkbox
          label="Hide explained"
          checked={filter.hideExplained}
          onChange={(event) => setFindingFilter({ hideExplained: event.currentTarget.checked })}
        />
      </div>
      {filter.step !== null && (
        <button type="button" className={style['stepFilter']} onClick={() => setFindingFilter({ step: null })}>
          <span className="clipped">Only {inertText(placeText(filter.step, steps))}</span>
          <IconX size={12} role="img" aria-label="show all steps" />
        </button>
      )}
      {rows.length > 0 ? (
        <FindingsList rows={rows} steps={steps} candidate={candidate.run} explained={explained} />
      ) : (
        <NoFindings comparison={comparison} />
      )}
    </section>
  );
}

function NoFindings({ comparison: { findings, verdict } }: { readonly comparison: Comparison }) {
  const { setFindingFilter } = useStores().get(createComparison);
  if (findings.length > 0)
    return (
      <EmptyState title="The filter lets nothing through">
        <Button onClick={() => setFindingFilter(everyFinding)}>Show all findings</Button>
      </EmptyState>
    );
  return (
    <EmptyState title="No difference was found">
      <p>
        {verdict === 'no comparable history'
          ? 'There are too few runs to tell whether something changed: accept more runs of the baseline.'
          : 'Everything that was tested lies where another run of the baseline would be expected.'}
      </p>
    </EmptyState>
  );
}
