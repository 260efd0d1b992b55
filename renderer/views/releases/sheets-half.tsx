/** Release candidates on the left, the sheet of the chosen one on the right. */
import { Button, Select } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { useMemo } from 'react';
import { createActions } from '../../stores/actions.ts';
import { createReleases, askedSheet, useReleases, type Release } from '../../stores/releases.ts';
import { ReleaseList } from './release-list.tsx';
import { releaseBefore, releaseText } from './release-words.ts';
import { Sheet } from './sheet.tsx';
import { WorkState } from './work-state.tsx';
import style from './releases.module.css';
import { useStores } from '../../stores/context.ts';

/** Entries of a list that are drawn at once; the search finds the others. */
const listed = 100;

/** A value that no release is called, for the one without a name. */
const valueOf = (release: string) => `release ${release}`;
const usualValue = 'the usual one';

export function SheetTools() {
  const stores = useStores();
  const { choosePrevious } = stores.get(createReleases);
  const { performAction } = stores.get(createActions);
  const releases = useReleases((state) => state.releases);
  const choice = useReleases((state) => state.choice);
  const sheet = useReleases((state) => state.sheet);
  const reporting = useReleases((state) => state.reporting);
  const asked = useMemo(() => askedSheet({ choice, releases }), [choice, releases]);
  const others = (releases ?? [])
    .filter(({ release }) => release !== asked?.release)
    .map(({ release, accepted, runs }) => ({
      value: valueOf(release),
      release,
      label: `${releaseText(release)} (${accepted} of ${runs} accepted)`,
    }));
  if (asked === null) return null;
  const before = releaseBefore(releases ?? [], asked.release);
  const usual = { value: usualValue, release: null, label: before === null ? 'the usual one' : `the usual one: ${releaseText(before)}` };
  return (
    <>
      <span className="muted">compared with</span>
      <Select
        aria-label="Release candidate to compare with"
        data={[usual, ...others]}
        value={asked.previous === null ? usualValue : valueOf(asked.previous)}
        allowDeselect={false}
        onChange={(value) => choosePrevious(others.find((each) => each.value === value)?.release ?? null)}
        searchable
        limit={listed}
        nothingFoundMessage="No other release candidate is called so."
        w={240}
      />
      <span className="rest" />
      <Button
        leftSection={<IconFileExport size={14} />}
        disabled={sheet.kind !== 'answered'}
        loading={reporting}
        onClick={() => performAction('releases.export')}
      >
        Export the sheet…
      </Button>
    </>
  );
}

export function SheetsHalf({ releases }: { readonly releases: readonly Release[] }) {
  const { cancelSheet, askSheet } = useStores().get(createReleases);
  const sheet = useReleases((state) => state.sheet);
  return (
    <div className={style['sheets']}>
      <ReleaseList releases={releases} />
      <div className={style['sheetPlace']}>
        <WorkState work={sheet} what="Judging" onCancel={cancelSheet} onAgain={askSheet}>
          {(answer, asking) => <Sheet sheet={answer} asking={asking} />}
        </WorkState>
      </div>
    </div>
  );
}
