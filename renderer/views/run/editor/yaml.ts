/** YAML in Monaco: its colours; and for suites, campaigns and the quarantine marks of what is wrong, suggestions and explanations, for which the core is asked. */
import 'monaco-editor/languages/definitions/yaml/register';
import type { Problem } from '#shared/problem.ts';
import { createCampaignTexts, isCampaignText } from '../../../stores/campaign-texts.ts';
import { createSession } from '../../../stores/session.ts';
import type { Stores } from '../../../stores/stores.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { markdownOf, toPlace } from './conversions.ts';
import { markerOf, owner } from './markers.ts';
import { pathOfModel, storesOf } from './models.ts';
import { monaco, type TextModel } from './monaco.ts';

export const yamlLanguage = 'yaml';

/** ms without a key after which the core is asked. */
const typingPause = 120;

const completionProvider: monaco.languages.CompletionItemProvider = {
  triggerCharacters: [' ', '[', '{', ','],
  provideCompletionItems: async (model, position) => {
    const { suggestionsAt } = storesOf(model).get(createCampaignTexts);
    const found = await suggestionsAt(pathOfModel(model), model.getValue(), toPlace(position));
    const { CompletionItemKind } = monaco.languages;
    return {
      suggestions: found.map(({ label, kind, help, insert, from }, index) => ({
        label,
        kind: kind === 'key' ? CompletionItemKind.Property : CompletionItemKind.Value,
        insertText: insert,
        range: new monaco.Range(position.lineNumber, from + 1, position.lineNumber, position.column),
        sortText: String(index).padStart(6, '0'),
        ...(help !== '' && { documentation: markdownOf([{ kind: 'text', text: help }]) }),
        ...(kind === 'key' && { command: { id: 'editor.action.triggerSuggest', title: 'Go on' } }),
      })),
    };
  },
};

const hoverProvider: monaco.languages.HoverProvider = {
  provideHover: async (model, position) => {
    const { explanationAt } = storesOf(model).get(createCampaignTexts);
    const explanation = await explanationAt(pathOfModel(model), model.getValue(), toPlace(position));
    if (!explanation) return null;
    const { key, help, from, to } = explanation;
    return {
      range: new monaco.Range(position.lineNumber, from + 1, position.lineNumber, to + 1),
      contents: [
        markdownOf([
          { kind: 'strong', text: key },
          { kind: 'text', text: help },
        ]),
      ],
    };
  },
};

/** Monaco is one for the page: what it asks about any text of YAML is answered for the texts of which the core knows something. */
export function registerYaml(): void {
  const about = { language: yamlLanguage, scheme: 'testops' };
  monaco.languages.registerCompletionItemProvider(about, completionProvider);
  monaco.languages.registerHoverProvider(about, hoverProvider);
}

/** Marks what is wrong with a text: at once, after each change of it, and when other files of the workspace change. */
export function keepYamlChecked(stores: Stores, model: TextModel): () => void {
  const path = pathOfModel(model);
  if (!isCampaignText(path)) return () => {};
  const { problemsOf } = stores.get(createCampaignTexts);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = async (): Promise<void> => {
    const version = model.getVersionId();
    const problems = await problemsOf(path, model.getValue()).catch((failure: unknown) => {
      stores.get(createSession).notifyUnlessLost(failure);
      return null;
    });
    // What was typed meanwhile is asked about by itself.
    if (problems && !model.isDisposed() && model.getVersionId() === version) mark(model, problems);
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), typingPause);
  };
  const typing = model.onDidChangeContent(schedule);
  const stops = [
    stores.get(createWorkspaceFiles).subscribe(schedule),
    stores.get(createSession).subscribe((state, before) => {
      if (state.connection !== before.connection) schedule();
    }),
  ];
  schedule();
  return () => {
    clearTimeout(timer);
    typing.dispose();
    for (const stop of stops) stop();
  };
}

function mark(model: TextModel, problems: readonly Problem[]): void {
  const start = { line: 0, column: 0, offset: 0 };
  const markers = problems.slice(0, 1_000).map((problem) => markerOf(model, { ...problem, range: problem.range ?? { start, end: start } }));
  monaco.editor.setModelMarkers(
    model,
    owner,
    markers.map((marker) => ({ ...marker, source: 'campaigns' })),
  );
}
