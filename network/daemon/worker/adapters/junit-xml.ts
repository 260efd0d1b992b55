/**
 * JUnit XML as the many tools write it: test cases with their failures, errors, skips and output. Read as a stream with bounds; a document
 * type is refused, so that no entity of its own is ever looked at.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { SaxesParser } from 'saxes';
import { ProblemError } from '#shared/problem.ts';

export interface JunitCase {
  readonly className: string;
  readonly name: string;
  readonly file: string;
  readonly verdict: 'passed' | 'failed' | 'broken' | 'skipped';
  /** ms */
  readonly duration: number;
  readonly message: string;
  readonly details: string;
}

export interface JunitBounds {
  /** Bytes of a file. */
  readonly bytes: number;
  readonly cases: number;
  /** Elements within one another. */
  readonly depth: number;
}
export const junitBounds: JunitBounds = { bytes: 256 * 1024 * 1024, cases: 200_000, depth: 100 };

/** Bytes in which the first element must begin, beside the first piece that is read. */
const headBytes = 1024 * 1024;
/** Characters of one text that are kept. */
const longestText = 16_384;

type Draft = { -readonly [Key in keyof JunitCase]: JunitCase[Key] };
const verdictOfElement: Readonly<Record<string, JunitCase['verdict']>> = { failure: 'failed', error: 'broken', skipped: 'skipped' };

/** The test cases of a file. Rejects with a ProblemError that says what is wrong with it. */
export async function readJunitFile(path: string, bounds = junitBounds): Promise<readonly JunitCase[]> {
  const reader = new JunitReader(path, bounds);
  // Whoever wrote it may have laid a link or a pipe there instead.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new ProblemError({ code: 'bad-report', message: `${path} is no file.` });
    for await (const chunk of file.createReadStream({ encoding: 'utf8', autoClose: false }) as AsyncIterable<string>) reader.write(chunk);
    return reader.end();
  } finally {
    await file.close();
  }
}

/** The same for a text; `name` stands in problems. */
export function readJunit(text: string, name: string, bounds = junitBounds): readonly JunitCase[] {
  const reader = new JunitReader(name, bounds);
  reader.write(text);
  return reader.end();
}

class JunitReader {
  private readonly name: string;
  private readonly bounds: JunitBounds;
  private readonly parser = new SaxesParser();
  private readonly cases: JunitCase[] = [];
  private bytes = 0;
  private hasBegun = false;
  private depth = 0;
  private current: Draft | undefined;
  /** Element of the current case whose text is read. */
  private reading: string | undefined;
  private text = '';

  constructor(name: string, bounds: JunitBounds) {
    this.name = name;
    this.bounds = bounds;
    this.parser.on('error', (failure) => this.refuse(failure.message));
    this.parser.on('doctype', () => this.refuse('a document type is not read'));
    this.parser.on('opentag', ({ name: element, attributes }) => this.open(element, attributes));
    this.parser.on('closetag', ({ name: element }) => this.close(element));
    this.parser.on('text', (text) => this.addText(text));
    this.parser.on('cdata', (text) => this.addText(text));
  }

  write(chunk: string): void {
    this.bytes += Buffer.byteLength(chunk);
    if (this.bytes > this.bounds.bytes) this.refuse(`it is longer than ${this.bounds.bytes} bytes`);
    // One declaration that never ends would else be held as a whole.
    if (!this.hasBegun && this.bytes > headBytes) this.refuse('it does not begin with an element');
    this.parser.write(chunk);
  }

  end(): readonly JunitCase[] {
    this.parser.close();
    return this.cases;
  }

  private refuse(reason: string): never {
    throw new ProblemError({ code: 'bad-report', message: `${this.name} is no sound JUnit file: ${reason.replace(/\.$/, '')}.` });
  }

  private open(element: string, attributes: Readonly<Record<string, string>>): void {
    this.hasBegun = true;
    if (++this.depth > this.bounds.depth) this.refuse(`more than ${this.bounds.depth} elements stand within one another`);
    if (element === 'testcase' && !this.current) {
      this.current = draftOf(attributes);
      return;
    }
    const { current } = this;
    const verdict = Object.hasOwn(verdictOfElement, element) ? verdictOfElement[element] : undefined;
    if (!current || !verdict || this.reading !== undefined) return;
    // The first failure decides; a skip says nothing beside one.
    if (current.verdict === 'passed') {
      current.verdict = verdict;
      current.message = (attributes['message'] ?? attributes['type'] ?? '').slice(0, longestText);
    }
    this.reading = element;
    this.text = '';
  }

  private close(element: string): void {
    this.depth--;
    const { current } = this;
    if (current && this.reading === element) {
      if (current.details === '') current.details = this.text.trim();
      if (current.message === '') current.message = current.details.split('\n', 1)[0] ?? '';
      this.reading = undefined;
    }
    if (!current || element !== 'testcase') return;
    this.cases.push(current);
    if (this.cases.length > this.bounds.cases) this.refuse(`it has more than ${this.bounds.cases} test cases`);
    this.current = undefined;
    this.reading = undefined;
  }

  private addText(text: string): void {
    if (this.reading === undefined || this.text.length >= longestText) return;
    this.text += text.slice(0, longestText - this.text.length);
  }
}

function draftOf(attributes: Readonly<Record<string, string>>): Draft {
  const { classname = '', name = '', time = '0', file = '' } = attributes;
  // Thousands are parted by commas in what some tools write.
  const seconds = Number(time.replaceAll(',', ''));
  const duration = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
  return { className: classname, name, file, verdict: 'passed', duration, message: '', details: '' };
}
