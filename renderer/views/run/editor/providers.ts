/** Our language in Monaco: every question of the editor is passed to the language service with what the window knows now. */
import type { Completion, CompletionKind } from '#shared/scenario/language-service/completion.ts';
import { completionTriggers } from '#shared/scenario/language-service/completion.ts';
import { tokenKinds, tokenModifiers } from '#shared/scenario/language-service/tokens.ts';
import { createLanguage } from '../../../stores/language.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { markdownOf, toMonacoRange, toPlace } from './conversions.ts';
import { fixesOf } from './markers.ts';
import { createModels, pathOfModel, storesOf } from './models.ts';
import { monaco, type TextModel } from './monaco.ts';
import { lineTokens } from './line-tokens.ts';
import { registerYaml } from './yaml.ts';
import { renameProvider } from './rename-provider.ts';
import type { Stores } from '../../../stores/stores.ts';

const language = 'testops';

/** What a text is asked about, and the language service of its console. */
function question(model: TextModel) {
  const path = pathOfModel(model);
  return { path, name: scenarioNameOf(path), text: model.getValue(), ...storesOf(model).get(createLanguage) };
}

const { CompletionItemKind } = monaco.languages;
const kinds: Readonly<Record<CompletionKind, monaco.languages.CompletionItemKind>> = {
  statement: CompletionItemKind.Keyword,
  command: CompletionItemKind.Function,
  component: CompletionItemKind.Class,
  state: CompletionItemKind.EnumMember,
  metric: CompletionItemKind.Field,
  variable: CompletionItemKind.Variable,
  label: CompletionItemKind.Reference,
  scenario: CompletionItemKind.File,
  parameter: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  signal: CompletionItemKind.Event,
  operator: CompletionItemKind.Operator,
  keyword: CompletionItemKind.Keyword,
};

function toItem(completion: Completion, index: number): monaco.languages.CompletionItem {
  const { label, kind, detail, documentation, insert, snippet, rank, goOn, range } = completion;
  return {
    label: detail === undefined ? label : { label, description: detail },
    kind: kinds[kind],
    insertText: insert ?? label,
    range: toMonacoRange(range),
    sortText: `${rank ?? 5}${String(index).padStart(6, '0')}`,
    ...(documentation ? { documentation: markdownOf(documentation) } : {}),
    ...(snippet ? { insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet } : {}),
    ...(goOn ? { command: { id: 'editor.action.triggerSuggest', title: 'Go on' } } : {}),
  };
}

const completionProvider: monaco.languages.CompletionItemProvider = {
  triggerCharacters: [...completionTriggers],
  provideCompletionItems: (model, position) => {
    const { path, name, text, languageService, surroundingsOf } = question(model);
    const found = languageService.completions(name, text, toPlace(position), surroundingsOf(path));
    return { suggestions: found.map(toItem) };
  },
};

const hoverProvider: monaco.languages.HoverProvider = {
  provideHover: (model, position) => {
    const { path, name, text, languageService, surroundingsOf } = question(model);
    const hover = languageService.hover(name, text, toPlace(position), surroundingsOf(path));
    return hover && { range: toMonacoRange(hover.range), contents: [markdownOf(hover.parts)] };
  },
};

const signatureProvider: monaco.languages.SignatureHelpProvider = {
  signatureHelpTriggerCharacters: [' '],
  signatureHelpRetriggerCharacters: [' ', '='],
  provideSignatureHelp: (model, position) => {
    const { path, name, text, languageService, surroundingsOf } = question(model);
    const signature = languageService.signature(name, text, toPlace(position), surroundingsOf(path));
    if (!signature) return null;
    const parameters = signature.parameters.map((parameter) => ({
      label: parameter.name,
      documentation: markdownOf([{ kind: 'text', text: parameter.help }]),
    }));
    const documentation = signature.help === null ? {} : { documentation: markdownOf([{ kind: 'text', text: signature.help }]) };
    return {
      value: {
        signatures: [{ label: signature.usage, parameters, ...documentation }],
        activeSignature: 0,
        activeParameter: signature.active,
      },
      dispose: () => undefined,
    };
  },
};

/** Where something of a scenario stands, with its text in the editor so that it can be shown. */
function locate(stores: Stores, from: string, own: string, scenario: string): string | null {
  const path = scenario === own ? from : stores.get(createWorkspaceFiles).pathOfScenario(scenario, from);
  return path !== null && stores.get(createModels).modelOf(path) ? path : null;
}

function locations(model: TextModel, position: monaco.Position, what: 'definitions' | 'references'): monaco.languages.Location[] {
  const stores = storesOf(model);
  const { path, name, text, languageService, surroundingsOf } = question(model);
  return languageService[what](name, text, toPlace(position), surroundingsOf(path)).flatMap(({ scenario, range }) => {
    const file = locate(stores, path, name, scenario);
    return file === null ? [] : [{ uri: stores.get(createModels).uriOf(file), range: toMonacoRange(range) }];
  });
}

const foldKinds = {
  block: monaco.languages.FoldingRangeKind.Region,
  'front matter': monaco.languages.FoldingRangeKind.Region,
  comment: monaco.languages.FoldingRangeKind.Comment,
} as const;

/** What the catalogue says of names; everything else is coloured line by line as it is typed. */
const semanticTokens: monaco.languages.DocumentSemanticTokensProvider = {
  getLegend: () => ({ tokenTypes: [...tokenKinds], tokenModifiers: [...tokenModifiers] }),
  provideDocumentSemanticTokens: (model) => {
    const { path, name, text, languageService, surroundingsOf } = question(model);
    const data: number[] = [];
    let line = 0;
    let column = 0;
    for (const token of languageService.tokens(name, text, surroundingsOf(path))) {
      if (token.modifiers.length === 0) continue;
      if (token.line !== line) column = 0;
      const modifiers = token.modifiers.reduce((bits, modifier) => bits | (1 << tokenModifiers.indexOf(modifier)), 0);
      data.push(token.line - line, token.column - column, token.length, tokenKinds.indexOf(token.kind), modifiers);
      ({ line, column } = token);
    }
    return { data: new Uint32Array(data) };
  },
  releaseDocumentSemanticTokens: () => undefined,
};

/** Makes the language known to Monaco, which is one for the page, whoever of its consoles comes first. */
export function registerLanguage(): void {
  const { languages } = monaco;
  if (languages.getLanguages().some(({ id }) => id === language)) return;
  languages.register({ id: language, extensions: ['.scn'], aliases: ['Scenario'] });
  languages.setLanguageConfiguration(language, {
    comments: { lineComment: '#' },
    brackets: [['(', ')']],
    colorizedBracketPairs: [],
    autoClosingPairs: [
      { open: "'", close: "'", notIn: ['comment'] },
      { open: '"', close: '"', notIn: ['comment'] },
      // One character each: Monaco overtypes no others. So it is not `#{`.
      { open: '{', close: '}' },
      { open: '(', close: ')' },
    ],
    // Within quotes too.
    autoCloseBefore: ' \n\t\'")}',
    wordPattern: /[\p{L}_][\p{L}\p{N}_-]*/u,
    indentationRules: { increaseIndentPattern: /^\s*(?:\d+\s+)?repeat\b/, decreaseIndentPattern: /^\s*(?:\d+\s+)?end\b/ },
  });
  registerYaml();
  languages.setTokensProvider(language, lineTokens);
  languages.registerCompletionItemProvider(language, completionProvider);
  languages.registerHoverProvider(language, hoverProvider);
  languages.registerSignatureHelpProvider(language, signatureProvider);
  languages.registerDefinitionProvider(language, {
    provideDefinition: (model, position) => locations(model, position, 'definitions'),
  });
  languages.registerReferenceProvider(language, {
    provideReferences: (model, position) => locations(model, position, 'references'),
  });
  languages.registerRenameProvider(language, renameProvider);
  languages.registerFoldingRangeProvider(language, {
    provideFoldingRanges: (model) => {
      const { name, text, languageService } = question(model);
      return languageService.folds(name, text).map(({ start, end, kind }) => ({ start: start + 1, end: end + 1, kind: foldKinds[kind] }));
    },
  });
  languages.registerDocumentSymbolProvider(language, { provideDocumentSymbols: outline });
  languages.registerDocumentFormattingEditProvider(language, {
    provideDocumentFormattingEdits: (model) => {
      const { text, languageService } = question(model);
      const formatted = languageService.format(text);
      return formatted === text ? [] : [{ range: model.getFullModelRange(), text: formatted }];
    },
  });
  languages.registerDocumentSemanticTokensProvider(language, semanticTokens);
  languages.registerCodeActionProvider(language, {
    provideCodeActions: (model, range) => ({ actions: fixesOf(storesOf(model), model, range), dispose: () => undefined }),
  });
  monaco.editor.registerEditorOpener({
    openCodeEditor: async (_source, resource, place) => {
      const line = place === undefined ? 0 : 'lineNumber' in place ? place.lineNumber - 1 : place.startLineNumber - 1;
      const column = place === undefined ? 0 : 'column' in place ? place.column - 1 : place.startColumn - 1;
      const model = monaco.editor.getModel(resource);
      return model !== null && storesOf(model).get(createOpenFiles).openFile(pathOfModel(model), { line, column });
    },
  });
}

function outline(model: TextModel): monaco.languages.DocumentSymbol[] {
  const { name, text, languageService } = question(model);
  return languageService.outline(name, text).map((entry) => ({
    name: entry.name,
    detail: '',
    kind: entry.kind === 'label' ? monaco.languages.SymbolKind.Key : monaco.languages.SymbolKind.Array,
    tags: [],
    range: new monaco.Range(
      entry.lines.from + 1,
      1,
      entry.lines.to + 1,
      model.getLineMaxColumn(Math.min(entry.lines.to + 1, model.getLineCount())),
    ),
    selectionRange: toMonacoRange(entry.range),
  }));
}
