/** Problems in the editor: found anew right after each key, shown as marks, mended by their fixes. */
import type { ScenarioProblem } from '#shared/scenario/syntax.ts';
import { createLanguage } from '../../../stores/language.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createScenarioProblems } from '../../../stores/scenario-problems.ts';
import { createSession } from '../../../stores/session.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { toMonacoRange, isEmpty } from './conversions.ts';
import { pathOfModel } from './models.ts';
import { monaco, type TextModel } from './monaco.ts';
import type { Stores } from '../../../stores/stores.ts';

/** Whose marks they are. */
export const owner = 'testops';
const severities = {
  error: monaco.MarkerSeverity.Error,
  warning: monaco.MarkerSeverity.Warning,
  information: monaco.MarkerSeverity.Info,
} as const;

/** Problems of each text as they were found last, for their fixes. */
const found = new WeakMap<TextModel, { readonly version: number; readonly problems: readonly ScenarioProblem[] }>();

/** Looks for problems in a text and marks them. */
export function checkModel(stores: Stores, model: TextModel): void {
  const { languageService, surroundingsOf } = stores.get(createLanguage);
  if (model.isDisposed() || model.getLanguageId() !== 'testops') return;
  const path = pathOfModel(model);
  // An archived run's texts were checked when they ran; the environment of today is none of their business.
  const problems = stores.get(createOpenFiles).fileOf(path)?.readOnly
    ? []
    : languageService.problems(scenarioNameOf(path), model.getValue(), surroundingsOf(path));
  found.set(model, { version: model.getVersionId(), problems });
  monaco.editor.setModelMarkers(
    model,
    owner,
    problems.slice(0, 1_000).map((problem) => markerOf(model, problem)),
  );
  stores.get(createScenarioProblems).noteProblems(path, problems);
  // For measurements: from a key to the marks that show what it changed.
  performance.mark('testops-problems-shown');
}

export function markerOf(model: TextModel, problem: Omit<ScenarioProblem, 'fix'>): monaco.editor.IMarkerData {
  const range = toMonacoRange(problem.range);
  // What is missing has no extent: the character before it is marked.
  const shown = isEmpty(problem.range) ? widened(model, range) : range;
  return {
    startLineNumber: shown.startLineNumber,
    startColumn: shown.startColumn,
    endLineNumber: shown.endLineNumber,
    endColumn: shown.endColumn,
    severity: severities[problem.severity],
    code: problem.code,
    source: 'scenario',
    message: problem.tip === undefined ? problem.message : `${problem.message}\n${problem.tip}`,
    tags: problem.code === 'unreachable-step' || problem.code === 'unused-label' ? [monaco.MarkerTag.Unnecessary] : [],
  };
}

function widened(model: TextModel, range: monaco.Range): monaco.Range {
  const start = Math.max(1, range.startColumn - 1);
  return new monaco.Range(
    range.startLineNumber,
    start,
    range.endLineNumber,
    Math.min(model.getLineMaxColumn(range.endLineNumber), Math.max(start + 1, range.endColumn)),
  );
}

/** The fixes of the problems that touch a range. */
export function fixesOf(stores: Stores, model: TextModel, range: monaco.Range): monaco.languages.CodeAction[] {
  const known = found.get(model);
  if (known?.version !== model.getVersionId()) checkModel(stores, model);
  const problems = found.get(model)?.problems ?? [];
  return problems.flatMap((problem) => {
    const { fix } = problem;
    if (!fix || !monaco.Range.areIntersectingOrTouching(widened(model, toMonacoRange(problem.range)), range)) return [];
    return [
      {
        title: fix.title,
        kind: 'quickfix',
        isPreferred: true,
        diagnostics: [markerOf(model, problem)],
        edit: {
          edits: [
            { resource: model.uri, versionId: model.getVersionId(), textEdit: { range: toMonacoRange(fix.range), text: fix.replacement } },
          ],
        },
      },
    ];
  });
}

/** Checks the text that is shown: at once, after each change of it, and when what it is checked against changes. */
export function keepChecked(stores: Stores, model: TextModel): () => void {
  let frame = 0;
  let task: ReturnType<typeof setTimeout> | undefined;
  // After the key was drawn: typing must not wait for the check.
  const schedule = (): void => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      task = setTimeout(() => {
        frame = 0;
        checkModel(stores, model);
      });
    });
  };
  const typing = model.onDidChangeContent(schedule);
  const stops = [
    stores.get(createSession).subscribe((state, before) => {
      if (state.catalogue !== before.catalogue) schedule();
    }),
    stores.get(createWorkspaceFiles).subscribe(schedule),
  ];
  schedule();
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(task);
    typing.dispose();
    for (const stop of stops) stop();
  };
}
