/**
 * A million rows of a log in little memory: columns in chunks that are only ever added to. Rows have numbers that never
 * change; when there are too many the oldest chunk is dropped.
 */

export const severities = ['debug', 'info', 'warning', 'error', 'fatal'] as const;
export type RowSeverity = (typeof severities)[number];

export const rowKinds = [
  'step',
  'echo',
  'note',
  'output',
  'log',
  'state',
  'crash',
  'condition',
  'command',
  'operator',
  'run',
  'network',
  'problem',
] as const;
export type RowKind = (typeof rowKinds)[number];

export interface LogRow {
  /** ms since 1970, the core's clock. */
  readonly time: number;
  readonly severity: RowSeverity;
  readonly kind: RowKind;
  /** Component or daemon that it is of; empty where it is of none. */
  readonly component: string;
  /** Execution number of the step that ran then; null when none did. */
  readonly execution: number | null;
  /** One line, inert. */
  readonly text: string;
}

const chunkShift = 14;
const chunkRows = 1 << chunkShift;
const chunkMask = chunkRows - 1;
/** Rows that are kept at most. */
export const maximumRows = 64 * chunkRows;
/** Different components that can be told apart; further ones are counted as the last. */
const maximumComponents = 65_000;

interface Chunk {
  readonly times: Float64Array;
  readonly severities: Uint8Array;
  readonly kinds: Uint8Array;
  readonly components: Uint16Array;
  readonly executions: Int32Array;
  readonly sequences: Uint32Array;
  readonly texts: string[];
}

function newChunk(): Chunk {
  return {
    times: new Float64Array(chunkRows),
    severities: new Uint8Array(chunkRows),
    kinds: new Uint8Array(chunkRows),
    components: new Uint16Array(chunkRows),
    executions: new Int32Array(chunkRows),
    sequences: new Uint32Array(chunkRows),
    texts: [],
  };
}

export class LogRows {
  private readonly chunks: Chunk[] = [];
  private dropped = 0;
  private next = 0;
  private readonly componentNames: string[] = [''];
  private readonly componentNumbers = new Map<string, number>([['', 0]]);
  private readonly maximum: number;

  /** @param maximum rows kept at most; whole chunks of 16,384 are dropped */
  constructor(maximum = maximumRows) {
    this.maximum = Math.max(2 * chunkRows, maximum);
  }

  /** Number of the first row that is kept. */
  get first(): number {
    return this.dropped;
  }

  /** Number after the last row. */
  get end(): number {
    return this.next;
  }

  get count(): number {
    return this.next - this.dropped;
  }

  /** @param sequence of the record that the row is of; never falls. 0: of none */
  append(row: LogRow, sequence = 0): void {
    const place = this.next & chunkMask;
    if (place === 0) this.startChunk();
    const chunk = this.chunks[this.chunks.length - 1];
    if (!chunk) return;
    chunk.times[place] = row.time;
    chunk.severities[place] = severities.indexOf(row.severity);
    chunk.kinds[place] = rowKinds.indexOf(row.kind);
    chunk.components[place] = this.numberOf(row.component);
    chunk.executions[place] = row.execution ?? 0;
    chunk.sequences[place] = sequence;
    chunk.texts.push(row.text);
    this.next++;
  }

  /** Forgets everything; numbers begin anew. */
  clear(): void {
    this.chunks.length = 0;
    this.dropped = 0;
    this.next = 0;
    this.componentNames.length = 1;
    this.componentNumbers.clear();
    this.componentNumbers.set('', 0);
  }

  /** A row by its number; null when it was dropped or does not exist. */
  row(number: number): LogRow | null {
    const chunk = this.chunkOf(number);
    if (!chunk) return null;
    const place = number & chunkMask;
    const execution = chunk.executions[place] ?? 0;
    return {
      time: chunk.times[place] ?? 0,
      severity: severities[chunk.severities[place] ?? 1] ?? 'info',
      kind: rowKinds[chunk.kinds[place] ?? 0] ?? 'log',
      component: this.componentNames[chunk.components[place] ?? 0] ?? '',
      execution: execution === 0 ? null : execution,
      text: chunk.texts[place] ?? '',
    };
  }

  /** The columns that filters look at, without making a row. */
  severityOf(number: number): number {
    return this.chunkOf(number)?.severities[number & chunkMask] ?? 0;
  }

  kindOf(number: number): number {
    return this.chunkOf(number)?.kinds[number & chunkMask] ?? 0;
  }

  componentOf(number: number): number {
    return this.chunkOf(number)?.components[number & chunkMask] ?? 0;
  }

  textOf(number: number): string {
    return this.chunkOf(number)?.texts[number & chunkMask] ?? '';
  }

  timeOf(number: number): number {
    return this.chunkOf(number)?.times[number & chunkMask] ?? 0;
  }

  executionOf(number: number): number {
    return this.chunkOf(number)?.executions[number & chunkMask] ?? 0;
  }

  /** Sequence of the record that a row is of; 0: of none. */
  sequenceOf(number: number): number {
    return this.chunkOf(number)?.sequences[number & chunkMask] ?? 0;
  }

  /** Number of the first row of a record after this one; that after the last row where there is none. */
  endOfRecord(sequence: number): number {
    let [low, high] = [this.dropped, this.next];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sequenceOf(middle) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Components that rows are of, as they came; the index is the number that `componentOf` gives. */
  get components(): readonly string[] {
    return this.componentNames;
  }

  private startChunk(): void {
    this.chunks.push(newChunk());
    if (this.chunks.length * chunkRows <= this.maximum) return;
    this.chunks.shift();
    this.dropped += chunkRows;
  }

  private chunkOf(number: number): Chunk | undefined {
    return number < this.dropped || number >= this.next ? undefined : this.chunks[(number - this.dropped) >>> chunkShift];
  }

  private numberOf(component: string): number {
    const known = this.componentNumbers.get(component);
    if (known !== undefined) return known;
    const number = Math.min(maximumComponents, this.componentNames.length);
    this.componentNames[number] ??= component;
    this.componentNumbers.set(component, number);
    return number;
  }
}
