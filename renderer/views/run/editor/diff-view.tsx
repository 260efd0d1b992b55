/** Two texts side by side, with what differs between them. */
import { useEffect, useRef } from 'react';
import { monaco } from './monaco.ts';

interface DiffViewProps {
  readonly left: string;
  readonly right: string;
  readonly leftName: string;
  readonly rightName: string;
}

export function DiffView({ left, right, leftName, rightName }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const editor = monaco.editor.createDiffEditor(host.current, {
      theme: 'testops',
      automaticLayout: true,
      readOnly: true,
      originalEditable: false,
      renderSideBySide: true,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      fontSize: 12,
      hideUnchangedRegions: { enabled: true },
      originalAriaLabel: leftName,
      modifiedAriaLabel: rightName,
      unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: true, nonBasicASCII: false },
    });
    const original = monaco.editor.createModel(left, 'testops');
    const modified = monaco.editor.createModel(right, 'testops');
    editor.setModel({ original, modified });
    return () => {
      editor.dispose();
      original.dispose();
      modified.dispose();
    };
  }, [left, right, leftName, rightName]);
  return (
    <div>
      <div className="diff-names" aria-hidden>
        <span>{leftName}</span>
        <span>{rightName}</span>
      </div>
      <div ref={host} className="diff-view" />
    </div>
  );
}
