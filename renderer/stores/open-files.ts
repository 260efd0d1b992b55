/** The door to the open files for other views: what is open, what the operator typed, and saving it. */
export * from './open-files-state.ts';
export { saveAll, saveFile, saveRunText, resolveConflict, compareWithTheirs } from './saving.ts';
