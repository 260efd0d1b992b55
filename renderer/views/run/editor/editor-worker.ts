/** The worker in which the editor compares texts and finds words, so that typing does not wait for it. */
import 'monaco-editor/editor/editor.worker';
