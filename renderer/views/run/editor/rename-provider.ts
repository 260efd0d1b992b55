/** Renaming in the editor: scenarios that are changed by it are opened first, so that nothing changes unseen or unsaved. */
import { languageService, surroundingsOf } from '../../../stores/language.ts';
import { fileOf, openFile, scenarioNameOf, useOpenFiles } from '../../../stores/open-files.ts';
import { pathOfScenario } from '../../../stores/workspace-files.ts';
import { toMonacoRange, toPlace } from './conversions.ts';
import { modelOf, pathOfModel, uriOf } from './models.ts';
import type { monaco, TextModel } from './monaco.ts';

export const renameProvider: monaco.languages.RenameProvider = {
  resolveRenameLocation: (model, position) => {
    const { name, text } = asked(model);
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
    const { path, name, text } = asked(model);
    const renaming = languageService.rename(name, text, toPlace(position), newName, surroundingsOf(path));
    if (renaming.kind === 'refused') return { edits: [], rejectReason: renaming.reason };
    const edits: monaco.languages.IWorkspaceTextEdit[] = [];
    for (const { scenario, range, replacement } of renaming.edits) {
      const file = scenario === name ? path : pathOfScenario(scenario, path);
      if (file === null || !(await openBehind(file)) || !modelOf(file))
        return { edits: [], rejectReason: `The scenario ${scenario} cannot be opened to be changed.` };
      edits.push({ resource: uriOf(file), versionId: undefined, textEdit: { range: toMonacoRange(range), text: replacement } });
    }
    return { edits };
  },
};

function asked(model: TextModel) {
  const path = pathOfModel(model);
  return { path, name: scenarioNameOf(path), text: model.getValue() };
}

/** Opens a file without showing it. */
async function openBehind(path: string): Promise<boolean> {
  if (fileOf(path)) return true;
  const { active } = useOpenFiles.getState();
  const opened = await openFile(path);
  useOpenFiles.setState({ active });
  return opened;
}
