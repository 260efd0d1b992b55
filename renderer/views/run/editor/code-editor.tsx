/** The code editor on the page: one Monaco editor that shows the file in front. */
import { useEffect, useRef, type RefObject } from 'react';
import { createOpenFiles } from '../../../stores/open-files.ts';
import { createSession, useSession } from '../../../stores/session.ts';
import { drawBreakpoints } from './breakpoint-decorations.ts';
import { registerEditorActions } from './editor-actions.ts';
import { createExecutionDecorations } from './execution-decorations.ts';
import { lockExecutedLines } from './executed-lock.ts';
import { followRun } from './follow-run.ts';
import { keepChecked } from './markers.ts';
import { createModels, pathOfModel } from './models.ts';
import { monaco, type CodeEditor } from './monaco.ts';
import { registerLanguage } from './providers.ts';
import { applyTheme, editorType } from './theme.ts';
import { keepYamlChecked, yamlLanguage } from './yaml.ts';
import marks from './text-marks.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

const options: monaco.editor.IStandaloneEditorConstructionOptions = {
  theme: 'testops',
  automaticLayout: true,
  glyphMargin: true,
  folding: true,
  showFoldingControls: 'always',
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  tabSize: 2,
  insertSpaces: true,
  renderLineHighlight: 'line',
  fixedOverflowWidgets: true,
  lineDecorationsWidth: 12,
  lineNumbersMinChars: 3,
  'semanticHighlighting.enabled': true,
  wordBasedSuggestions: 'off',
  // A line ends with Enter: what was typed whole must not be changed by it.
  acceptSuggestionOnEnter: 'smart',
  suggest: { showWords: false, preview: false, showStatusBar: true },
  quickSuggestions: { other: true, comments: false, strings: true },
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: true, nonBasicASCII: false },
  bracketPairColorization: { enabled: false },
  occurrencesHighlight: 'singleFile',
  links: false,
  padding: { top: 4 },
  accessibilitySupport: 'auto',
  ariaLabel: 'Scenario editor',
};

/** `editor`: where the editor is found as long as it is there. */
export function CodeEditorHost({ editor }: { readonly editor: RefObject<CodeEditor | null> }) {
  const stores = useStores();
  const host = useRef<HTMLDivElement>(null);
  const theme = useSession((state) => state.theme);
  useEffect(() => (host.current ? mount(stores, host.current, editor) : undefined), [editor]);
  useEffect(() => {
    // The page's own variables change with the same render; they are read when that is done.
    const frame = requestAnimationFrame(() => applyTheme(theme));
    return () => cancelAnimationFrame(frame);
  }, [theme]);
  return <div ref={host} className={marks['codeEditor']} data-code-editor />;
}

/** Makes the editor and everything that lives with it; returns the end of all. */
function mount(stores: Stores, element: HTMLElement, shown: RefObject<CodeEditor | null>): () => void {
  registerLanguage();
  applyTheme(stores.get(createSession).getState().theme);
  const editor = monaco.editor.create(element, { ...options, ...editorType(), model: null });
  shown.current = editor;
  const ends = [
    stores.get(createModels).followOpenFiles(),
    showActive(stores, editor),
    showCaret(stores, editor),
    stores.get(createExecutionDecorations).drawExecution(editor),
    drawBreakpoints(stores, editor),
    lockExecutedLines(stores, editor),
    followRun(stores),
    registerEditorActions(stores, editor),
  ];
  return () => {
    for (const end of ends.toReversed()) end();
    if (shown.current === editor) shown.current = null;
    editor.dispose();
  };
}

/** Shows the file in front, each where it was left, and goes to the places that others wish for. */
function showActive(stores: Stores, editor: CodeEditor): () => void {
  const openFiles = stores.get(createOpenFiles);
  const views = new Map<string, monaco.editor.ICodeEditorViewState>();
  let stopChecking: (() => void) | undefined;
  let revealed = 0;
  const show = (path: string | null): void => {
    const before = editor.getModel();
    const model = path === null ? null : (stores.get(createModels).modelOf(path) ?? null);
    if (before === model) return;
    const view = before && !before.isDisposed() ? editor.saveViewState() : null;
    if (before && view) views.set(pathOfModel(before), view);
    editor.setModel(model);
    stopChecking?.();
    stopChecking = model ? (model.getLanguageId() === yamlLanguage ? keepYamlChecked : keepChecked)(stores, model) : undefined;
    const kept = path === null ? undefined : views.get(path);
    if (kept) editor.restoreViewState(kept);
    // The text of a run of the past takes no typing: the keyboard stays with the replay.
    if (model && !path?.startsWith('run:')) editor.focus();
  };
  const look = (): void => {
    const { active, files, reveal } = openFiles.getState();
    const file = files.find(({ path }) => path === active);
    show(file ? active : null);
    const host = editor.getContainerDomNode();
    if (file?.readOnly) host.dataset['readOnly'] = 'true';
    else delete host.dataset['readOnly'];
    editor.updateOptions({
      readOnly: file?.readOnly ?? false,
      readOnlyMessage: { value: 'This text belongs to an archived run and cannot be changed\\.' },
    });
    if (!reveal || reveal.number === revealed || reveal.path !== active || !editor.getModel()) return;
    revealed = reveal.number;
    goTo(editor, reveal);
  };
  look();
  const stop = openFiles.subscribe((state, before) => {
    if (state.active !== before.active || state.files.length !== before.files.length || state.reveal !== before.reveal) look();
  });
  return () => {
    stop();
    stopChecking?.();
  };
}

function goTo(editor: CodeEditor, place: { readonly line: number; readonly column: number; readonly focus: boolean }): void {
  const position = { lineNumber: place.line + 1, column: place.column + 1 };
  if (place.focus) {
    editor.setPosition(position);
    editor.focus();
  }
  editor.revealPositionInCenterIfOutsideViewport(position, monaco.editor.ScrollType.Immediate);
}

/** Tells the store where the caret is, for actions that begin there. */
function showCaret(stores: Stores, editor: CodeEditor): () => void {
  const openFiles = stores.get(createOpenFiles);
  const events = [editor.onDidChangeCursorSelection(tell), editor.onDidChangeModel(tell)];
  function tell(): void {
    const model = editor.getModel();
    const selection = editor.getSelection();
    if (!model || !selection) return openFiles.setState({ caret: null });
    const { positionLineNumber, positionColumn, startLineNumber, endLineNumber } = selection;
    openFiles.setState({
      caret: {
        path: pathOfModel(model),
        line: positionLineNumber - 1,
        column: positionColumn - 1,
        from: startLineNumber - 1,
        to: endLineNumber - 1,
      },
    });
  }
  return () => {
    for (const event of events) event.dispose();
  };
}
