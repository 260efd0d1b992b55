/** What the search through all scenarios found; a click or Enter goes there. */
import { useMemo, type KeyboardEvent } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { createOpenFiles, scenarioNameOf, useOpenFiles } from '../../../stores/open-files.ts';
import { createWorkspaceFiles, useWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { maximumFindings, searchTexts, type Finding } from './scenario-search.ts';
import style from './files.module.css';
import { useStores } from '../../../stores/context.ts';
import { counted } from '#shared/wording/counts.ts';

export function SearchResults({ wanted }: { readonly wanted: string }) {
  const { presentTexts } = useStores().get(createWorkspaceFiles);
  const saved = useWorkspaceFiles((state) => state.texts);
  const open = useOpenFiles((state) => state.files);
  const findings = useMemo(() => searchTexts(presentTexts(), wanted), [saved, open, wanted]);
  if (wanted.trim() === '') return <p className={style['hint']}>Type what to look for: a component, a command, a variable …</p>;
  if (findings.length === 0) return <p className={style['hint']}>No scenario has this in it.</p>;
  const more = findings.length >= maximumFindings ? `The first ${counted(maximumFindings, 'place')}` : counted(findings.length, 'place');
  return (
    <>
      <p className={style['hint']} role="status">
        {more}
      </p>
      <ul className={style['list']} aria-label="Places found" onKeyDown={walk}>
        {findings.map((finding, index) => (
          <Result
            key={`${finding.path}:${finding.line}:${finding.column}`}
            finding={finding}
            first={index === 0}
            heading={findings[index - 1]?.path !== finding.path}
          />
        ))}
      </ul>
    </>
  );
}

/** Up and down between the places. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  event.preventDefault();
}

function Result({ finding, first, heading }: { readonly finding: Finding; readonly first: boolean; readonly heading: boolean }) {
  const { openFile } = useStores().get(createOpenFiles);
  const { path, line, column, text, start, length } = finding;
  // Long lines are shown from a little before the place.
  const from = Math.max(0, start - 24);
  return (
    <li>
      {heading ? <div className={style['heading']}>{inertText(scenarioNameOf(path))}</div> : null}
      <button
        type="button"
        data-row
        tabIndex={first ? 0 : -1}
        className={style['result']}
        onClick={() => void openFile(path, { line, column })}
      >
        <span className={style['line']}>{line + 1}</span>
        <span className="clipped code">
          {from > 0 ? '…' : ''}
          {inertText(text.slice(from, start))}
          <mark>{inertText(text.slice(start, start + length))}</mark>
          {inertText(text.slice(start + length, start + length + 200))}
        </span>
      </button>
    </li>
  );
}
