/** Asks before the demo's workspace is reset, and lists what the operator made there. */
import { Modal } from '@mantine/core';
import { ConfirmationButtons } from '../../components/confirmation-buttons.tsx';
import { inertText } from '../../components/inert-text.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { createDemoWorkspace, useDemoWorkspace } from '../../stores/demo-workspace.ts';
import style from './demo-reset-dialog.module.css';
import { useStores } from '../../stores/context.ts';

/** Files that are listed; a workspace with more says how many more. */
const mostListed = 12;

function Question({ asked }: { readonly asked: MethodResponse<'demo.workspace'> }) {
  const { giveResetUp, resetDemoWorkspace } = useStores().get(createDemoWorkspace);
  const { folder, changes } = asked;
  const more = changes.length - mostListed;
  return (
    <>
      <p>
        The demo is taken down, its workspace <strong>{inertText(folder)}</strong> is set aside under another name, and the demo comes up
        again with the files that come with the product. Nothing is deleted.
      </p>
      {changes.length === 0 ? (
        <p className="muted">You changed nothing there.</p>
      ) : (
        <>
          <p>What you made there is then only in the folder that was set aside:</p>
          <ul className={style['changes']} aria-label="What is set aside" tabIndex={0}>
            {changes.slice(0, mostListed).map(({ path, kind }) => (
              <li key={path}>
                {inertText(path)} <span className="muted">{kind}</span>
              </li>
            ))}
            {more > 0 && <li className="muted">and {more} more</li>}
          </ul>
        </>
      )}
      <ConfirmationButtons safe="Cancel" onSafe={giveResetUp} risky="Yes, reset it" onRisky={() => void resetDemoWorkspace()} destructive />
    </>
  );
}

export function DemoResetDialog() {
  const { giveResetUp } = useStores().get(createDemoWorkspace);
  const asked = useDemoWorkspace((state) => state.asked);
  return (
    <Modal opened={asked !== null} onClose={giveResetUp} title="Reset the demo workspace?" size={560}>
      {asked && <Question asked={asked} />}
    </Modal>
  );
}
