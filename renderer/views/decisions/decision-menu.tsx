/** The decision on one run, as a button that opens everything that can be said about it. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconHistory, IconTag } from '@tabler/icons-react';
import type { RunId } from '#shared/identifiers.ts';
import { decisionOf } from '#shared/run/remarks.ts';
import { useRemarks } from '../../stores/remarks.ts';
import { DecisionLabel } from './decision-label.tsx';
import { createDecisions } from './decision-store.ts';
import { decisionTitles } from './decision-words.ts';
import { decisions } from '#shared/run/run-words.ts';
import { useStores } from '../../stores/context.ts';

export function DecisionMenu({ run }: { readonly run: RunId }) {
  const { askDecision, askCause, showDecisionHistory } = useStores().get(createDecisions);
  const remarks = useRemarks(run);
  const decision = decisionOf(remarks ?? []);
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button rightSection={<IconChevronDown size={12} />} aria-label={`Decision: ${decision}`}>
          <DecisionLabel decision={decision} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {decisions
          .filter((each) => each !== decision)
          .map((each) => (
            <Menu.Item key={each} onClick={() => askDecision([run], each)}>
              {decisionTitles[each]}…
            </Menu.Item>
          ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconTag size={14} />} onClick={() => askCause([run])}>
          Annotate with a cause…
        </Menu.Item>
        <Menu.Item leftSection={<IconHistory size={14} />} onClick={() => showDecisionHistory(run)}>
          History of decisions
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
