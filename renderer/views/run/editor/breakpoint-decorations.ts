/** Breakpoints in the editor's margin: a click or F9 sets and takes them away, and they move with the lines they stand on. */
import { linesOf, moveBreakpoints, toggleBreakpoint, useBreakpoints } from '../../../stores/breakpoints.ts';
import { fileOf, scenarioNameOf } from '../../../stores/open-files.ts';
import { pathOfModel } from './models.ts';
import { monaco, type CodeEditor, type TextModel } from './monaco.ts';

/** Name of the scenario that is shown; null for other files, and for archived runs, which stop nowhere. */
function shownScenario(editor: CodeEditor): string | null {
  const model = editor.getModel();
  if (!model || model.getLanguageId() !== 'testops') return null;
  const path = pathOfModel(model);
  return fileOf(path)?.readOnly === false ? scenarioNameOf(path) : null;
}

/** Sets a breakpoint at the caret's line, or takes it away. */
export function toggleAtCaret(editor: CodeEditor): void {
  const scenario = shownScenario(editor);
  const line = editor.getPosition()?.lineNumber;
  if (scenario !== null && line !== undefined) toggleBreakpoint(scenario, line - 1);
}

/** Shows and follows breakpoints; returns the end of it. */
export function drawBreakpoints(editor: CodeEditor): () => void {
  let collection = editor.createDecorationsCollection();
  let shown: TextModel | null = null;
  const draw = (): void => {
    const model = editor.getModel();
    const scenario = shownScenario(editor);
    if (model !== shown) {
      collection.clear();
      collection = editor.createDecorationsCollection();
      shown = model;
    }
    const lines = scenario === null || !model ? [] : linesOf(useBreakpoints.getState().breakpoints, scenario);
    const there = lines.filter((line) => model !== null && line < model.getLineCount());
    if (sameAs(there)) return;
    collection.set(there.map(decoration));
  };
  const currentLines = (): number[] => collection.getRanges().map(({ startLineNumber }) => startLineNumber - 1);
  const sameAs = (lines: readonly number[]): boolean => {
    const current = currentLines();
    return current.length === lines.length && lines.every((line) => current.includes(line));
  };
  const follow = (): void => {
    const scenario = shownScenario(editor);
    if (scenario !== null && editor.getModel() === shown) moveBreakpoints(scenario, currentLines());
  };
  const stop = useBreakpoints.subscribe(draw);
  const events = [
    editor.onDidChangeModel(draw),
    editor.onDidChangeModelContent(follow),
    editor.onMouseDown(({ target }) => {
      const scenario = shownScenario(editor);
      if (target.type !== monaco.editor.MouseTargetType.GUTTER_GLYPH_MARGIN || scenario === null) return;
      toggleBreakpoint(scenario, target.position.lineNumber - 1);
    }),
  ];
  draw();
  return () => {
    stop();
    for (const event of events) event.dispose();
    collection.clear();
  };
}

function decoration(line: number): monaco.editor.IModelDeltaDecoration {
  return {
    range: new monaco.Range(line + 1, 1, line + 1, 1),
    options: {
      isWholeLine: true,
      glyphMarginClassName: 'breakpoint-glyph',
      glyphMarginHoverMessage: { value: 'Breakpoint: a run stops before this line\\. F9 or a click takes it away\\.' },
      stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      overviewRuler: { color: '#e5484d', position: monaco.editor.OverviewRulerLane.Left },
    },
  };
}
