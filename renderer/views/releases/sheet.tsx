/** One sheet that answers whether a release candidate may go on: the answer with its reasons, what is open, scenario by scenario. */
import { IconCircleCheck, IconCircleX, IconClockQuestion } from '@tabler/icons-react';
import { sheetBasis } from '#shared/analysis/release-sheet.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { inertText } from '../../components/inert-text.ts';
import { Found, Page, PageHead } from '../../components/page.tsx';
import { Working } from '../../components/working.tsx';
import { createReleases } from '../../stores/releases.ts';
import { answerTitles, answerTone, releaseText } from './release-words.ts';
import { Questions } from './questions.tsx';
import { ScenarioCard } from './scenario-card.tsx';
import style from './sheet.module.css';
import { useStores } from '../../stores/context.ts';
import { counted } from '#shared/wording/counts.ts';

/** Reasons that are seen without scrolling. */
const mostReasons = 6;

const icons = { ok: IconCircleCheck, warn: IconClockQuestion, fail: IconCircleX } as const;

function Head({ sheet, asking }: { readonly sheet: ReleaseSheet; readonly asking: number | null }) {
  const { cancelSheet } = useStores().get(createReleases);
  const { release, previous, answer, reasons, questions } = sheet;
  const tone = answerTone(answer);
  const Icon = icons[tone];
  return (
    <PageHead
      label="Answer"
      tone={tone}
      line={
        <>
          <h1 className={style['question']}>May {releaseText(release)} go on?</h1>
          <Found as="p" tone={tone} icon={<Icon size={18} aria-hidden />}>
            {answerTitles[answer]}
          </Found>
          <span className="muted">
            {previous === null ? 'There is no release candidate before it.' : `Compared with ${inertText(sheetBasis(sheet))}`}{' '}
            {questions.length > 0 && `${counted(questions.length, 'question')} open.`}
          </span>
          <span className="rest" />
          {asking !== null && <Working what="Judging" since={asking} onCancel={cancelSheet} />}
        </>
      }
    >
      <ul className={style['reasons']} tabIndex={reasons.length > mostReasons ? 0 : undefined} aria-label="Reasons">
        {reasons.map((reason) => (
          <li key={reason}>{inertText(reason)}</li>
        ))}
      </ul>
    </PageHead>
  );
}

export function Sheet({ sheet, asking }: { readonly sheet: ReleaseSheet; readonly asking: number | null }) {
  return (
    <Page>
      <Head sheet={sheet} asking={asking} />
      {/* The keyboard scrolls it where nothing in it has the focus. */}
      <div key={sheet.release} className={style['body']} aria-busy={asking !== null} tabIndex={0} role="group" aria-label="Sheet">
        <div className={style['columns']}>
          <section className={style['scenarios']} aria-labelledby="sheet-scenarios">
            <h2 id="sheet-scenarios">Scenarios</h2>
            <div className={style['cards']}>
              {sheet.scenarios.map((scenario) => (
                <ScenarioCard key={scenario.scenario} scenario={scenario} sheet={sheet} />
              ))}
            </div>
          </section>
          <Questions sheet={sheet} />
        </div>
      </div>
    </Page>
  );
}
