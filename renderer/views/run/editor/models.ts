/**
 * One Monaco text for each open file, in step with the store both ways; and texts of scenarios that are not open, so that
 * references to them can be shown.
 */
import { createOpenFiles, type OpenFile } from '../../../stores/open-files.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { monaco, type TextModel } from './monaco.ts';
import { smallestEdit } from './smallest-edit.ts';
import type { Stores } from '../../../stores/stores.ts';

/** Monaco is one for the whole page: of which console each text is. */
const consoles = new WeakMap<TextModel, Stores>();

/** The stores of the console that a text belongs to. */
export function storesOf(model: TextModel): Stores {
  const stores = consoles.get(model);
  if (!stores) throw new Error(`${model.uri.path} belongs to no console.`);
  return stores;
}

/** Makes a text of a console: what Monaco asks about it is answered with what that console knows. */
export function createText(stores: Stores, text: string, language: string, uri?: monaco.Uri): TextModel {
  const model = monaco.editor.createModel(text, language, uri);
  consoles.set(model, stores);
  return model;
}

export function createModels(stores: Stores) {
  const openFiles = stores.get(createOpenFiles);
  const { fileOf, editText } = openFiles;
  const { presentTexts } = stores.get(createWorkspaceFiles);

  const models = new Map<string, TextModel>();
  /** Tells texts of the same path in two consoles apart. */
  const authority = crypto.randomUUID();
  /** Set while the store's text is being put into a model: that is no typing. */
  let taking = false;

  /** The text of a file; made where there is none yet. Undefined where nothing is known of the file. */
  function modelOf(path: string): TextModel | undefined {
    const known = models.get(path);
    const text = fileOf(path)?.text ?? presentTexts().get(path);
    if (known) {
      if (text !== undefined) take(known, text);
      return known;
    }
    if (text === undefined) return undefined;
    const model = createText(stores, text, languageOf(path), uriOf(path));
    models.set(path, model);
    model.onDidChangeContent(() => {
      if (!taking) editText(path, model.getValue());
    });
    return model;
  }

  /** Puts a text into a model as one small edit: caret, marks and undo stay. */
  function take(model: TextModel, text: string): void {
    const edit = smallestEdit(model.getValue(), text);
    if (!edit) return;
    taking = true;
    try {
      const range = monaco.Range.fromPositions(model.getPositionAt(edit.start), model.getPositionAt(edit.end));
      model.pushStackElement();
      model.pushEditOperations([], [{ range, text: edit.replacement }], () => null);
      model.pushStackElement();
    } finally {
      taking = false;
    }
  }

  /** Follows the store; returns the end of it, at which all texts are dropped. */
  function followOpenFiles(): () => void {
    const stop = openFiles.subscribe((state, before) => {
      if (state.files === before.files) return;
      const known = new Map(before.files.map((file) => [file.path, file]));
      for (const file of state.files) if (known.get(file.path)?.text !== file.text) update(file);
      const open = new Set(state.files.map(({ path }) => path));
      for (const { path } of before.files) if (!open.has(path)) drop(path);
    });
    return () => {
      stop();
      for (const path of models.keys()) drop(path);
    };
  }

  function update(file: OpenFile): void {
    const model = models.get(file.path);
    if (model) take(model, file.text);
  }

  function drop(path: string): void {
    models.get(path)?.dispose();
    models.delete(path);
  }

  function uriOf(path: string): monaco.Uri {
    return monaco.Uri.from({ scheme: 'testops', authority, path: `/${path}` });
  }

  return { modelOf, uriOf, followOpenFiles };
}

function languageOf(path: string): string {
  if (path.endsWith('.scn') || path.startsWith('run:')) return 'testops';
  return /\.ya?ml$/.test(path) ? 'yaml' : 'plaintext';
}

export function pathOfModel(model: { readonly uri: monaco.Uri }): string {
  return model.uri.path.slice(1);
}
