/** Files that are dragged over the window: the whole of it takes them, and says so while they are there; then how far the import is. */
import { Button, Loader, Progress } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { inertText } from '../../components/inert-text.ts';
import { useRunFiles } from '../../stores/run-files.ts';
import { useSession } from '../../stores/session.ts';
import { importFiles } from '../archive/incoming-runs.ts';
import style from './drop-target.module.css';
import { useStores } from '../../stores/context.ts';
import { shareText } from '#shared/wording/counts.ts';

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/**
 * Whether files are over the window; what is dropped is imported. The events are taken before anything else sees them, so
 * that no editor or panel takes a file for a text.
 */
function useDroppedFiles(): boolean {
  const stores = useStores();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const ended = new AbortController();
    const options = { capture: true, signal: ended.signal };
    const take = (kind: 'dragenter' | 'dragover' | 'drop', perform: (event: DragEvent) => void): void =>
      addEventListener(
        kind,
        (event) => {
          if (!carriesFiles(event)) return;
          event.preventDefault();
          event.stopPropagation();
          perform(event);
        },
        options,
      );
    take('dragenter', () => setOver(true));
    take('dragover', (event) => {
      setOver(true);
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    });
    take('drop', (event) => {
      setOver(false);
      void importFiles(stores, [...(event.dataTransfer?.files ?? [])]);
    });
    // Where no other element is entered, the window itself was left; and a pointer that moves drags nothing.
    addEventListener('dragleave', (event) => event.relatedTarget === null && setOver(false), options);
    addEventListener('pointermove', () => setOver(false), options);
    return () => ended.abort();
  }, []);
  return over;
}

export function DropTarget() {
  const over = useDroppedFiles();
  const archive = useSession((state) => state.information?.archiveFolder);
  if (!over) return null;
  return (
    <div className={style['target']} role="status">
      <div>
        <IconFileImport size={32} aria-hidden />
        <p>Drop to import the run into the archive</p>
        {archive !== undefined && <p className="code clipped">{archive}</p>}
      </div>
    </div>
  );
}

/** What is imported or exported now, how far it is, and the way to stop it. */
export function TransferStatus() {
  const transfer = useRunFiles((state) => state.transfer);
  if (transfer === null) return null;
  const { what, share, cancel } = transfer;
  return (
    <div className={style['transfer']}>
      <div role="status">
        <Loader size={14} aria-hidden /> <span className="clipped">{inertText(what)} …</span>
        {share !== null && <span className="number">{shareText(share)}</span>}
      </div>
      {share !== null && <Progress value={share * 100} aria-label={inertText(what)} size="sm" />}
      {cancel && (
        <Button size="compact-xs" onClick={cancel}>
          Cancel
        </Button>
      )}
    </div>
  );
}
