/**
 * The run in the editor: the line where control is, what each executed line came to and how long it took, the lines of
 * callers, the selected step. Drawn at most once in a frame, always from the latest state, for the lines in view only.
 */
import type { RunState } from '#shared/run/run-state.ts';
import { inertText } from '../../../components/inert-text.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { createRunTexts } from '../../../stores/run-texts.ts';
import { createTimeAxis } from '../../../stores/time-axis.ts';
import { LineExecutions, positionMark, type LineExecution } from './line-executions.ts';
import { lineMapping, sameLines, type LineMapping } from '../../../stores/line-mapping.ts';
import { pathOfModel } from './models.ts';
import { monaco, type CodeEditor } from './monaco.ts';
import type { Stores } from '../../../stores/stores.ts';
import { durationText } from '#shared/wording/durations.ts';

type Decoration = monaco.editor.IModelDeltaDecoration;

const symbols: Readonly<Record<LineExecution['state'], string>> = {
  passed: '✓',
  failed: '✗',
  error: '✗',
  'timed out': '⏱',
  skipped: '↷',
  running: '…',
  waiting: '…',
};

const classes: Readonly<Record<LineExecution['state'], string>> = {
  passed: 'passed',
  failed: 'failed',
  error: 'error',
  'timed out': 'failed',
  skipped: 'skipped',
  running: 'running',
  waiting: 'waiting',
};

interface LineLook {
  readonly selected: boolean;
  readonly lastKnown: boolean;
}

export function createExecutionDecorations(stores: Stores) {
  const runSession = stores.get(createRunSession);
  const { fileOf } = stores.get(createOpenFiles);
  const runTexts = stores.get(createRunTexts);
  const timeAxis = stores.get(createTimeAxis);
  const { selectExecution } = timeAxis;

  /** What the run did on lines; shared with the lock of executed lines. */
  const executions = new LineExecutions();

  let run: string | null = null;
  let mapped: { readonly run: string; readonly editor: string; readonly mapping: LineMapping } | null = null;

  /** Takes in the latest state of the shown run. */
  function takeRunState(): RunState {
    const session = runSession.getState();
    if (session.run !== run) executions.forget();
    run = session.run;
    executions.take(session.state);
    return session.state;
  }

  /** Lines of the run's text of a scenario as they stand in an open file. */
  function mappingOf(path: string): LineMapping {
    const text = fileOf(path)?.text;
    const executed = runTexts.getState().texts[scenarioNameOf(path)];
    if (text === undefined || executed === undefined) return sameLines;
    if (mapped?.run !== executed || mapped.editor !== text) mapped = { run: executed, editor: text, mapping: lineMapping(executed, text) };
    return mapped.mapping;
  }

  /** `lastKnown`: the core is lost, and the state is that of before. */
  function decorationsOf(editor: CodeEditor, state: RunState, lastKnown: boolean): Decoration[] {
    const model = editor.getModel();
    if (!model || model.getLanguageId() !== 'testops' || state.status === 'new') return [];
    const path = pathOfModel(model);
    const scenario = scenarioNameOf(path);
    const { toEditor } = mappingOf(path);
    const selected = timeAxis.getState().execution;
    const decorations: Decoration[] = [];
    const visible = editor.getVisibleRanges();
    for (const [line, execution] of executions.linesOf(scenario)) {
      const shown = toEditor(line);
      if (shown === null || shown >= model.getLineCount()) continue;
      const inView = visible.some((range) => range.startLineNumber - 2 <= shown + 1 && shown + 1 <= range.endLineNumber + 2);
      if (inView) decorations.push(executedLine(model, shown, execution, { selected: execution.execution === selected, lastKnown }));
    }
    for (const frame of state.callStack.slice(0, -1)) {
      const shown = frame.scenario === scenario && state.status !== 'finished' ? toEditor(frame.line) : null;
      if (shown !== null) decorations.push(whole(shown, { className: 'caller-line', glyphMarginClassName: 'caller-glyph' }));
    }
    const place = positionMark(state);
    const mark = place && lastKnown ? 'last-known' : place;
    const shown = mark && state.position?.scenario === scenario ? toEditor(state.position.line) : null;
    if (mark && shown !== null)
      decorations.push(whole(shown, { className: `${mark}-line`, lineNumberClassName: `${mark}-number`, zIndex: 10 }));
    return decorations;
  }

  /** Draws the run in an editor; returns the end of it. */
  function drawExecution(editor: CodeEditor): () => void {
    const collection = editor.createDecorationsCollection();
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      collection.set(decorationsOf(editor, takeRunState(), runSession.getState().resuming));
    };
    const schedule = (): void => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    // The run session shows one state in a frame; drawing in the same frame keeps the mark from lagging behind.
    const stops = [runSession.subscribe(draw), runTexts.subscribe(schedule), timeAxis.subscribe(schedule)];
    const events = [
      editor.onDidChangeModel(schedule),
      editor.onDidScrollChange(schedule),
      editor.onDidChangeModelContent(schedule),
      editor.onMouseDown(({ target }) => selectLine(editor, target)),
    ];
    schedule();
    return () => {
      cancelAnimationFrame(frame);
      for (const stop of stops) stop();
      for (const event of events) event.dispose();
      collection.clear();
    };
  }

  /** A click on an executed line selects its latest execution, everywhere. */
  function selectLine(editor: CodeEditor, target: monaco.editor.IMouseTarget): void {
    const model = editor.getModel();
    const { MouseTargetType } = monaco.editor;
    const onLine =
      target.type === MouseTargetType.CONTENT_TEXT ||
      target.type === MouseTargetType.CONTENT_EMPTY ||
      target.type === MouseTargetType.GUTTER_LINE_DECORATIONS ||
      target.type === MouseTargetType.GUTTER_LINE_NUMBERS;
    if (!model || !target.position || !onLine) return;
    const path = pathOfModel(model);
    const line = mappingOf(path).toRun(target.position.lineNumber - 1);
    const execution = line === null ? undefined : executions.linesOf(scenarioNameOf(path)).get(line)?.execution;
    if (execution !== undefined && execution !== timeAxis.getState().execution) selectExecution(execution);
  }

  return { executions, takeRunState, mappingOf, drawExecution };
}

/** What stands behind a line that was executed. */
export function afterText({ state, duration, times, message }: LineExecution): string {
  const time = duration === null ? '' : ` ${durationText(duration)}`;
  const often = times > 1 ? ` ×${times}` : '';
  const why = message === null || state === 'passed' ? '' : ` — ${inertText(message).slice(0, 120)}`;
  return `${symbols[state]}${time}${often}${why}`;
}

function executedLine(model: monaco.editor.ITextModel, line: number, execution: LineExecution, look: LineLook): Decoration {
  const { selected, lastKnown } = look;
  const unknown = lastKnown && (execution.state === 'running' || execution.state === 'waiting');
  const state = unknown ? 'last-known' : classes[execution.state];
  const end = model.getLineMaxColumn(line + 1);
  return {
    range: new monaco.Range(line + 1, end, line + 1, end),
    options: {
      isWholeLine: true,
      showIfCollapsed: true,
      linesDecorationsClassName: `executed ${state}`,
      ...(selected ? { className: 'selected-line' } : {}),
      after: {
        content: `   ${afterText(execution)}`,
        inlineClassName: `after-line ${state}`,
        cursorStops: monaco.editor.InjectedTextCursorStops.None,
      },
    },
  };
}

function whole(line: number, options: monaco.editor.IModelDecorationOptions): Decoration {
  return { range: new monaco.Range(line + 1, 1, line + 1, 1), options: { isWholeLine: true, ...options } };
}
