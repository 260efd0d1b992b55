/** What stands where no workspace is open: what this console is, and the ways to begin. */
import { Button, Loader, Select, TextInput, UnstyledButton } from '@mantine/core';
import { IconFlask2, IconFolderOpen } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useNow } from '../../components/use-now.ts';
import { createActions } from '../../stores/actions.ts';
import { createSession, useSession } from '../../stores/session.ts';
import { createOpening, useOpening } from '../../stores/workspace.ts';
import style from './start-screen.module.css';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';

function DemoCard({ busy }: { readonly busy: boolean }) {
  const { startDemo } = useStores().get(createOpening);
  const releases = useSession((state) => state.information?.demoReleases) ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const release = chosen ?? releases[0] ?? null;
  return (
    <section className={style['card']}>
      <h2>
        <IconFlask2 size={18} aria-hidden /> Try it on the demo exchange
      </h2>
      <p>
        A matching engine with a standby, a gateway and load, watched by daemons on this computer. Kill the primary and see whether the
        release survives it. Nothing to configure; it ends with the console.
      </p>
      <div className={style['row']}>
        <Select label="Release" data={releases} value={release} onChange={setChosen} allowDeselect={false} disabled={busy} w={150} />
        <Button variant="filled" disabled={busy || release === null} onClick={() => void startDemo(release ?? undefined)}>
          Start the demo
        </Button>
      </div>
    </section>
  );
}

function useRecentFolders(): readonly string[] {
  const { currentCore } = useStores().get(createSession);
  const connected = useSession((state) => state.connection.kind === 'connected');
  const [folders, setFolders] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!connected) return;
    let wanted = true;
    // Without the list the folder can still be typed.
    currentCore()
      ?.request('workspace.recent', {})
      .then(
        (answer) => wanted && setFolders(answer.folders),
        () => {},
      );
    return () => {
      wanted = false;
    };
  }, [connected]);
  return folders;
}

function WorkspaceCard({ busy }: { readonly busy: boolean }) {
  const { openWorkspace } = useStores().get(createOpening);
  const recent = useRecentFolders();
  const [folder, setFolder] = useState('');
  const host = window.testopsHost;
  const open = (chosen: string) => void (chosen.trim() !== '' && openWorkspace(chosen.trim()));
  return (
    <section className={style['card']}>
      <h2>
        <IconFolderOpen size={18} aria-hidden /> Open a workspace
      </h2>
      <p>A folder, best a git repository, with your scenarios (*.scn) and an environment.yaml that names the router and your key.</p>
      <form
        className={style['row']}
        onSubmit={(event) => {
          event.preventDefault();
          open(folder);
        }}
      >
        <TextInput
          label="Folder on the core's computer"
          placeholder="/home/me/exchange-tests"
          value={folder}
          onChange={(event) => setFolder(event.currentTarget.value)}
          className={style['wide'] ?? ''}
          spellCheck={false}
        />
        {host?.chooseFolder && (
          <Button disabled={busy} onClick={() => void host.chooseFolder?.().then((chosen) => chosen && open(chosen))}>
            Choose…
          </Button>
        )}
        <Button type="submit" disabled={busy || folder.trim() === ''}>
          Open
        </Button>
      </form>
      {recent.length > 0 && (
        <>
          <h3>Recent</h3>
          <ul className={style['recent']}>
            {recent.slice(0, 8).map((each) => (
              <li key={each}>
                <UnstyledButton disabled={busy} onClick={() => open(each)} className="clipped" title={each}>
                  {each}
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** What is being opened, and for how long already. */
function Progress() {
  const opening = useOpening((state) => state.opening);
  const connection = useSession((state) => state.connection.kind);
  const now = useNow(opening ? 500 : null);
  const what = opening?.what ?? (connection === 'connected' ? null : 'Connecting to the core');
  return (
    <div className={style['progress']} role="status">
      {what !== null && (
        <>
          <Loader size={16} /> {what} …{opening && ` ${durationText(Math.max(0, now - opening.since), 'steady')}`}
        </>
      )}
    </div>
  );
}

export function StartScreen() {
  const { performAction } = useStores().get(createActions);
  const busy = useOpening((state) => state.opening !== null);
  const connected = useSession((state) => state.connection.kind === 'connected');
  return (
    <div className={style['page']}>
      <div className={style['column']}>
        <h1>TestOps Console</h1>
        <p>
          Run scenarios step by step against a production-like environment, watch every condition, result and metric on one time axis, and
          keep each run to compare with the next release candidate.
        </p>
        <Progress />
        <div className={style['cards']}>
          <DemoCard busy={busy || !connected} />
          <WorkspaceCard busy={busy || !connected} />
        </div>
        <p className={style['archive']}>
          Runs that were archived before, or that somebody sent you as a .testops-run file, need neither:{' '}
          <UnstyledButton onClick={() => performAction('view.archive')}>open the archive</UnstyledButton>.
        </p>
      </div>
    </div>
  );
}
