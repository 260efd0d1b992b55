/** What a scenario's `set` receives of an action: its exit status, output, last line, or a value inside its JSON output, as the program wrote it. */
import type { ResultReading } from '../configuration/types.ts';
import type { Bound } from './action-template.ts';
import { compactJson, jsonSourceAt } from './json-source.ts';

/** Characters of a result; also what `commandOutcomeSchema` allows. */
export const maximumResultLength = 65_536;
/** Characters of standard output that are kept for reading the result. */
export const maximumKeptOutput = 1_048_576;

/** Keeps what a result needs of standard output: its first part, and its last line that says something. */
export class KeptOutput {
  private readonly lines: string[] = [];
  private length = 0;
  lastLine = '';
  /** Output was longer than what is kept. */
  cut = false;

  add(line: string): void {
    if (line.trim() !== '') this.lastLine = line;
    if (this.length + line.length + 1 > maximumKeptOutput) this.cut = true;
    if (this.cut) return;
    this.lines.push(line);
    this.length += line.length + 1;
  }

  get text(): string {
    return this.lines.join('\n').trimEnd();
  }
}

export function readResult(reading: ResultReading, exitStatus: number | null, output: KeptOutput): Bound<string> {
  switch (reading.kind) {
    case 'exit status':
      return { value: exitStatus === null ? '' : String(exitStatus) };
    case 'last line':
      return { value: output.lastLine.trim().slice(0, maximumResultLength) };
    case 'output':
      return { value: output.text.slice(0, maximumResultLength) };
    case 'json':
      return readJson(reading.path, output);
  }
}

function readJson(path: readonly string[], output: KeptOutput): Bound<string> {
  if (output.cut) return { problem: `The output has more than ${maximumKeptOutput} characters and was not read as JSON.` };
  // Programs tend to talk before they answer: then the last line may be the answer.
  const answer = [output.text, output.lastLine].find(isJson);
  if (answer === undefined) return { problem: 'The output is not JSON.' };
  const source = jsonSourceAt(answer, path);
  if (source === undefined) return { problem: `The JSON output has no "${path.join('.')}".` };
  const text = source.startsWith('"') ? (JSON.parse(source) as string) : compactJson(source);
  return text.length > maximumResultLength ? { problem: 'The value in the JSON output is too long for a result.' } : { value: text };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
