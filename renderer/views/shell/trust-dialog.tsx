/** The question about a folder that nobody trusted yet: what goes without trust, and what the folder may do with it. */
import { Modal } from '@mantine/core';
import { IconCheck, IconShieldLock } from '@tabler/icons-react';
import { ConfirmationButtons } from '../../components/confirmation-buttons.tsx';
import { inertText } from '../../components/inert-text.ts';
import { useTrust } from '../../stores/trust.ts';
import { answerQuestion } from '../../stores/workspace-trust.ts';
import style from './trust.module.css';
import { useStores } from '../../stores/context.ts';

const without = [
  'read and edit its files, format scenarios',
  'check scenarios, without what its environments offer',
  'make dry runs of them, without an environment',
  'replay and compare runs of your archive',
];

const withTrust = [
  'plugins of the folder are started as programs',
  'the console connects to the routers that its environment files name, and signs with your key there',
  'its scenarios are executed, and with them the commands in them',
  'git is asked at which commit it stands',
];

function Question({ folder }: { readonly folder: string }) {
  const stores = useStores();
  return (
    <div>
      <p className={`code ${style['folder'] ?? ''}`}>{inertText(folder)}</p>
      <p>Say yes only if you know who made what is in it. It is remembered for the folder and all that is in it, until you take it back.</p>
      <div className={style['sides']}>
        <section>
          <h3>
            <IconShieldLock size={14} aria-hidden /> Without trust you can
          </h3>
          <ul>
            {without.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </section>
        <section>
          <h3>
            <IconCheck size={14} aria-hidden /> With trust, besides
          </h3>
          <ul>
            {withTrust.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </section>
      </div>
      <ConfirmationButtons
        safe="Stay restricted"
        onSafe={() => void answerQuestion(stores, false)}
        risky="Trust this folder"
        onRisky={() => void answerQuestion(stores, true)}
      />
    </div>
  );
}

export function TrustDialog() {
  const stores = useStores();
  const question = useTrust((state) => state.question);
  return (
    <Modal opened={question !== null} onClose={() => void answerQuestion(stores, false)} title="Do you trust this folder?" size={620}>
      {question !== null && <Question folder={question} />}
    </Modal>
  );
}
