/** Two texts side by side, with what differs between them. */
import { useEffect, useRef } from 'react';
import style from './editor.module.css';
import { useStores } from '../../../stores/context.ts';
import { readTokens } from '../../../styles/applied-theme.ts';
import { createText } from './models.ts';
import { createDiffEditor } from './monaco.ts';

interface DiffViewProps {
  readonly left: string;
  readonly right: string;
  readonly leftName: string;
  readonly rightName: string;
}

/** ms; longer than the editor compares two texts for. */
const comparisonTime = 10_000;

export function DiffView({ left, right, leftName, rightName }: DiffViewProps) {
  const stores = useStores();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const editor = createDiffEditor(host.current, {
      theme: 'testops',
      automaticLayout: true,
      readOnly: true,
      originalEditable: false,
      renderSideBySide: true,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      fontSize: readTokens().px('--text-normal'),
      hideUnchangedRegions: { enabled: true },
      originalAriaLabel: leftName,
      modifiedAriaLabel: rightName,
      unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: true, nonBasicASCII: false },
    });
    const original = createText(stores, left, 'testops');
    const modified = createText(stores, right, 'testops');
    editor.setModel({ original, modified });
    return () => {
      editor.dispose();
      // A comparison under way fails loudly when its texts are gone, even if nobody waits for it.
      setTimeout(() => {
        original.dispose();
        modified.dispose();
      }, comparisonTime);
    };
  }, [stores, left, right, leftName, rightName]);
  return (
    <div>
      <div className={style['diffNames']} aria-hidden>
        <span>{leftName}</span>
        <span>{rightName}</span>
      </div>
      <div ref={host} className={style['diffView']} data-diff />
    </div>
  );
}
