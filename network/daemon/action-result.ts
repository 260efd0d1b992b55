/** What a scenario's `set` receives of an action: its exit status, output, last line, or a value inside its JSON output. */
import type { ResultReading } from './configuration/types.ts';
import type { Bound } from './action-template.ts';

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
  const whole = parse(output.text);
  // Programs tend to talk before they answer: then the last line may be the answer.
  const answer = whole === undefined ? parse(output.lastLine) : whole;
  if (answer === undefined) return { problem: 'The output is not JSON.' };
  let value: unknown = answer;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      return { problem: `The JSON output has no "${path.join('.')}".` };
    }
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > maximumResultLength ? { problem: 'The value in the JSON output is too long for a result.' } : { value: text };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
