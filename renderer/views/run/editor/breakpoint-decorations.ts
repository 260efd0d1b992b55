/**
 * Breakpoints in the editor's margin: a click or F9 sets and takes them away, a right click or Shift+F9 edits them, and
 * they move with the lines they stand on.
 */
import { createBreakpoints, breakpointsOf, sameBreakpoints } from '../../../stores/breakpoints.ts';
import type { Breakpoint } from '../../../stores/breakpoints.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createBreakpointEditing, stopsWhere } from './breakpoint-editing.ts';
import { markdownOf } from './conversions.ts';
import { pathOfModel } from './models.ts';
import { breakpointColour } from './theme.ts';
import { monaco, type CodeEditor, type TextModel } from './monaco.ts';
import type { Stores } from '../../../stores/stores.ts';

/** Name of the scenario that is shown; null for other files, and for archived runs, which stop nowhere. */
function shownScenario(stores: Stores, editor: CodeEditor): string | null {
  const model = editor.getModel();
  if (!model || model.getLanguageId() !== 'testops') return null;
  const path = pathOfModel(model);
  return stores.get(createOpenFiles).fileOf(path)?.readOnly === false ? scenarioNameOf(path) : null;
}

/** Sets a breakpoint at the caret's line, or takes it away. */
export function toggleAtCaret(stores: Stores, editor: CodeEditor): void {
  const scenario = shownScenario(stores, editor);
  const line = editor.getPosition()?.lineNumber;
  if (scenario !== null && line !== undefined) stores.get(createBreakpoints).toggleBreakpoint(scenario, line - 1);
}

/** Opens the form of the breakpoint at a line, by default the caret's; where there is none it makes one. */
export function editBreakpoint(stores: Stores, editor: CodeEditor, lineNumber = editor.getPosition()?.lineNumber): void {
  const scenario = shownScenario(stores, editor);
  if (scenario === null || lineNumber === undefined) return;
  editor.revealLineInCenterIfOutsideViewport(lineNumber, monaco.editor.ScrollType.Immediate);
  const { glyphMarginLeft, glyphMarginWidth } = editor.getLayoutInfo();
  const top = editor.getTopForLineNumber(lineNumber) - editor.getScrollTop();
  stores
    .get(createBreakpointEditing)
    .setState({ edited: { scenario, line: lineNumber - 1, top, left: glyphMarginLeft + glyphMarginWidth / 2 } });
}

/** Shows and follows breakpoints; returns the end of it. */
export function drawBreakpoints(stores: Stores, editor: CodeEditor): () => void {
  const breakpointsStore = stores.get(createBreakpoints);
  const { moveBreakpoints, toggleBreakpoint } = breakpointsStore;
  let collection = editor.createDecorationsCollection();
  let shown: TextModel | null = null;
  /** What the decorations stand for, in their order. */
  let drawn: readonly Breakpoint[] = [];
  const draw = (): void => {
    const model = editor.getModel();
    const scenario = shownScenario(stores, editor);
    if (model !== shown) {
      collection.clear();
      collection = editor.createDecorationsCollection();
      shown = model;
      drawn = [];
    }
    const all = scenario === null || !model ? [] : breakpointsOf(breakpointsStore.getState().breakpoints, scenario);
    const there = all.filter(({ line }) => model !== null && line < model.getLineCount());
    if (sameBreakpoints(present(), there)) return;
    collection.set(there.map(decoration));
    drawn = there;
  };
  const present = (): Breakpoint[] =>
    collection.getRanges().flatMap(({ startLineNumber }, index) => {
      const breakpoint = drawn[index];
      return breakpoint ? [{ ...breakpoint, line: startLineNumber - 1 }] : [];
    });
  const follow = (): void => {
    const scenario = shownScenario(stores, editor);
    if (scenario !== null && editor.getModel() === shown) moveBreakpoints(scenario, present());
  };
  const stop = breakpointsStore.subscribe(draw);
  const events = [
    editor.onDidChangeModel(draw),
    editor.onDidChangeModelContent(follow),
    editor.onMouseDown(({ target, event }) => {
      const scenario = shownScenario(stores, editor);
      if (target.type !== monaco.editor.MouseTargetType.GUTTER_GLYPH_MARGIN || scenario === null) return;
      if (event.leftButton) toggleBreakpoint(scenario, target.position.lineNumber - 1);
    }),
    editor.onContextMenu(({ target }) => {
      const { GUTTER_GLYPH_MARGIN, GUTTER_LINE_NUMBERS } = monaco.editor.MouseTargetType;
      if (target.type !== GUTTER_GLYPH_MARGIN && target.type !== GUTTER_LINE_NUMBERS) return;
      editBreakpoint(stores, editor, target.position.lineNumber);
    }),
  ];
  draw();
  return () => {
    stop();
    for (const event of events) event.dispose();
    collection.clear();
  };
}

function decoration(breakpoint: Breakpoint): monaco.editor.IModelDeltaDecoration {
  const { line, condition, hits } = breakpoint;
  const kind = condition !== undefined ? ' conditional' : hits !== undefined ? ' counted' : '';
  const keys = { kind: 'text', text: 'F9 or a click takes it away; Shift+F9 or a right click edits it.' } as const;
  return {
    range: new monaco.Range(line + 1, 1, line + 1, 1),
    options: {
      isWholeLine: true,
      glyphMarginClassName: `breakpoint-glyph${kind}`,
      glyphMarginHoverMessage: markdownOf([...stopsWhere(breakpoint), keys]),
      stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      overviewRuler: { color: { id: breakpointColour }, position: monaco.editor.OverviewRulerLane.Left },
    },
  };
}
