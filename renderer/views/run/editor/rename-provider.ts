/** Renaming in the editor: scenarios that are changed by it are opened first, so that nothing changes unseen or unsaved. */
import { createLanguage } from '../../../stores/language.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { toMonacoRange, toPlace } from './conversions.ts';
import { createModels, pathOfModel, storesOf } from './models.ts';
import type { monaco, TextModel } from './monaco.ts';
import type { Stores } from '../../../stores/stores.ts';

export const renameProvider: monaco.languages.RenameProvider = {
  resolveRenameLocation: (model, position) => {
    const { name, text, languageService } = asked(model);
    const symbol = languageService.renamable(name, text, toPlace(position));
    const range = {
      startLineNumber: position.lineNumber,
      startColumn: position.column,
      endLineNumber: position.lineNumber,
      endColumn: position.column,
    };
    if ('reason' in symbol) return { range, text: '', rejectReason: symbol.reason };
    if (symbol.kind === 'scenario')
      return { range, text: '', rejectReason: 'Rename the scenario’s file in the files panel; its callers follow.' };
    return { range: toMonacoRange(symbol.range), text: symbol.name };
  },
  provideRenameEdits: async (model, position, newName) => {
    const stores = storesOf(model);
    const { modelOf, uriOf } = stores.get(createModels);
    const { path, name, text, languageService, surroundingsOf } = asked(model);
    const renaming = languageService.rename(name, text, toPlace(position), newName, surroundingsOf(path));
    if (renaming.kind === 'refused') return { edits: [], rejectReason: renaming.reason };
    const edits: monaco.languages.IWorkspaceTextEdit[] = [];
    for (const { scenario, range, replacement } of renaming.edits) {
      const file = scenario === name ? path : stores.get(createWorkspaceFiles).pathOfScenario(scenario, path);
      if (file === null || !(await openBehind(stores, file)) || !modelOf(file))
        return { edits: [], rejectReason: `The scenario ${scenario} cannot be opened to be changed.` };
      edits.push({ resource: uriOf(file), versionId: undefined, textEdit: { range: toMonacoRange(range), text: replacement } });
    }
    return { edits };
  },
};

function asked(model: TextModel) {
  const path = pathOfModel(model);
  return { path, name: scenarioNameOf(path), text: model.getValue(), ...storesOf(model).get(createLanguage) };
}

/** Opens a file without showing it. */
async function openBehind(stores: Stores, path: string): Promise<boolean> {
  const openFiles = stores.get(createOpenFiles);
  const { fileOf, openFile } = openFiles;
  if (fileOf(path)) return true;
  const { active } = openFiles.getState();
  const opened = await openFile(path);
  openFiles.setState({ active });
  return opened;
}
