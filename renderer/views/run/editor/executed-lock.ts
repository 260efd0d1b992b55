/** While a run goes on, the lines that it has executed cannot be changed; the lines still to come can. */
import { lockedPaths } from '../../../stores/locked-paths.ts';
import { fileOf, scenarioNameOf, useOpenFiles } from '../../../stores/open-files.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useRunTexts } from '../../../stores/run-texts.ts';
import { executions, takeRunState } from './execution-decorations.ts';
import { lineMapping } from '../../../stores/line-mapping.ts';
import { pathOfModel } from './models.ts';
import { monaco, type CodeEditor, type TextModel } from './monaco.ts';
import { smallestEdit } from './smallest-edit.ts';

/** Whether the shown run still goes on and executes the scenario of a file. */
export function isUnderWay(path: string): boolean {
  const { live, state } = useRunSession.getState();
  const going = live && (state.status === 'running' || state.status === 'paused');
  return going && fileOf(path)?.readOnly === false && Object.hasOwn(useRunTexts.getState().texts, scenarioNameOf(path));
}

/** Executed lines (of the run's text) that a text of the editor no longer has as they were. */
export function lostLines(path: string, text: string): number[] {
  const scenario = scenarioNameOf(path);
  const executed = useRunTexts.getState().texts[scenario];
  if (executed === undefined) return [];
  const mapping = lineMapping(executed, text);
  return [...executions.linesOf(scenario).keys()].filter((line) => mapping.toEditor(line) === null);
}

interface MessageController extends monaco.editor.IEditorContribution {
  showMessage(message: string, position: monaco.IPosition): void;
}

const hint = 'This line was executed in the run that is under way. Lines still to come can be changed; stop the run to change this one.';

/** Takes back what changes executed lines; returns the end of it. */
export function lockExecutedLines(editor: CodeEditor): () => void {
  let good: { readonly model: TextModel; readonly text: string } | null = null;
  let restoring = false;
  const remember = (): void => {
    const model = editor.getModel();
    good = model && isUnderWay(pathOfModel(model)) ? { model, text: model.getValue() } : null;
  };
  const guard = (): void => {
    const model = editor.getModel();
    if (!model || restoring || !isUnderWay(pathOfModel(model))) return;
    takeRunState();
    const text = model.getValue();
    if (good?.model !== model || lostLines(pathOfModel(model), text).length === 0) {
      good = { model, text };
      return;
    }
    restoring = true;
    // Within the change itself nothing can be changed; right after it the text is put back.
    const before = good.text;
    queueMicrotask(() => {
      restoreText(editor, model, before);
      restoring = false;
    });
  };
  const note = (): void => {
    lockedPaths.clear();
    for (const { path } of useOpenFiles.getState().files) if (isUnderWay(path)) lockedPaths.add(path);
  };
  const stops = [
    useRunSession.subscribe((state, before) => {
      if (state.state.status !== before.state.status || state.run !== before.run) {
        remember();
        note();
      }
    }),
    useRunTexts.subscribe(() => {
      remember();
      note();
    }),
  ];
  const events = [editor.onDidChangeModel(remember), editor.onDidChangeModelContent(guard)];
  remember();
  note();
  return () => {
    for (const stop of stops) stop();
    for (const event of events) event.dispose();
    lockedPaths.clear();
  };
}

function restoreText(editor: CodeEditor, model: TextModel, text: string): void {
  if (model.isDisposed()) return;
  const edit = smallestEdit(model.getValue(), text);
  if (!edit) return;
  const place = model.getPositionAt(edit.start);
  model.pushEditOperations(
    [],
    [{ range: monaco.Range.fromPositions(place, model.getPositionAt(edit.end)), text: edit.replacement }],
    () => null,
  );
  if (editor.getModel() !== model) return;
  editor.setPosition(place);
  editor.getContribution<MessageController>('editor.contrib.messageController')?.showMessage(hint, place);
}
