/** What an attempt left: files that are opened when somebody asks; pictures are shown, text stands in a box that scrolls. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Evidence } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { inertBlock, inertText } from '../../components/inert-text.ts';
import { useStores } from '../../stores/context.ts';
import { createSession } from '../../stores/session.ts';
import style from './campaigns.module.css';

type Content = MethodResponse<'campaign.evidence'>;

/** Pictures that a page may show as they are; others could hold programs. */
const pictures = /^image\/(?:png|jpeg|gif|webp)$/;

function Shown({ evidence, content }: { readonly evidence: Evidence; readonly content: Content }) {
  if (content.kind === 'text')
    return (
      <pre className={style['details']} tabIndex={0} aria-label={evidence.name}>
        {inertBlock(content.content)}
      </pre>
    );
  if (pictures.test(evidence.type))
    return <img className={style['picture']} alt={evidence.name} src={`data:${evidence.type};base64,${content.content}`} />;
  return <p className="muted">It is neither text nor a picture, and is not shown here.</p>;
}

function EvidenceFile({ campaign, evidence }: { readonly campaign: CampaignId; readonly evidence: Evidence }) {
  const { currentCore, notify } = useStores().get(createSession);
  const [content, setContent] = useState<Content | null>(null);
  const [busy, setBusy] = useState(false);
  const open = async (): Promise<void> => {
    if (content) return setContent(null);
    setBusy(true);
    try {
      setContent((await currentCore()?.request('campaign.evidence', { campaign, evidence })) ?? null);
    } catch (failure) {
      notify(problemOf(failure));
    }
    setBusy(false);
  };
  const { name, bytes, whole } = evidence;
  return (
    <li>
      <Button size="small" aria-expanded={content !== null} loading={busy} onClick={() => void open()}>
        {inertText(name)}
      </Button>{' '}
      <span className="muted">
        {quantityText(bytes, 'bytes')}
        {whole !== undefined && ` of ${quantityText(whole, 'bytes')}`}
      </span>
      {content && <Shown evidence={evidence} content={content} />}
    </li>
  );
}

export function EvidenceList({ campaign, evidence }: { readonly campaign: CampaignId; readonly evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null;
  return (
    <ul className={style['evidence']} aria-label="Evidence">
      {evidence.map((each) => (
        <EvidenceFile key={`${each.name} ${each.hash}`} campaign={campaign} evidence={each} />
      ))}
    </ul>
  );
}
