/** While a run goes on, the lines that it has executed cannot be changed; the lines still to come can. */
import { createLockedPaths } from '../../../stores/locked-paths.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { createRunTexts } from '../../../stores/run-texts.ts';
import { createExecutionDecorations } from './execution-decorations.ts';
import { lineMapping } from '../../../stores/line-mapping.ts';
import { pathOfModel } from './models.ts';
import { monaco, type CodeEditor, type TextModel } from './monaco.ts';
import { smallestEdit } from './smallest-edit.ts';
import type { Stores } from '../../../stores/stores.ts';

/** Whether the shown run still goes on and executes the scenario of a file. */
export function isUnderWay(stores: Stores, path: string): boolean {
  const { live, state } = stores.get(createRunSession).getState();
  const going = live && (state.status === 'running' || state.status === 'paused');
  return (
    going &&
    stores.get(createOpenFiles).fileOf(path)?.readOnly === false &&
    Object.hasOwn(stores.get(createRunTexts).getState().texts, scenarioNameOf(path))
  );
}

/** Executed lines (of the run's text) that a text of the editor no longer has as they were. */
export function lostLines(stores: Stores, path: string, text: string): number[] {
  const scenario = scenarioNameOf(path);
  const executed = stores.get(createRunTexts).getState().texts[scenario];
  if (executed === undefined) return [];
  const mapping = lineMapping(executed, text);
  return [...stores.get(createExecutionDecorations).executions.linesOf(scenario).keys()].filter((line) => mapping.toEditor(line) === null);
}

interface MessageController extends monaco.editor.IEditorContribution {
  showMessage(message: string, position: monaco.IPosition): void;
}

const hint = 'This line was executed in the run that is under way. Lines still to come can be changed; stop the run to change this one.';

/** Takes back what changes executed lines; returns the end of it. */
export function lockExecutedLines(stores: Stores, editor: CodeEditor): () => void {
  const lockedPaths = stores.get(createLockedPaths);
  let good: { readonly model: TextModel; readonly text: string } | null = null;
  let restoring = false;
  const remember = (): void => {
    const model = editor.getModel();
    good = model && isUnderWay(stores, pathOfModel(model)) ? { model, text: model.getValue() } : null;
  };
  const guard = (): void => {
    const model = editor.getModel();
    if (!model || restoring || !isUnderWay(stores, pathOfModel(model))) return;
    stores.get(createExecutionDecorations).takeRunState();
    const text = model.getValue();
    if (good?.model !== model || lostLines(stores, pathOfModel(model), text).length === 0) {
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
    for (const { path } of stores.get(createOpenFiles).getState().files) if (isUnderWay(stores, path)) lockedPaths.add(path);
  };
  const stops = [
    stores.get(createRunSession).subscribe((state, before) => {
      if (state.state.status !== before.state.status || state.run !== before.run) {
        remember();
        note();
      }
    }),
    stores.get(createRunTexts).subscribe(() => {
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
