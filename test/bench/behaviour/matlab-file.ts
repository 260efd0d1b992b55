/** Reads what a MATLAB file of version 5 holds: numbers, texts, cells and structures, compressed or not. No more than that. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

export interface MatlabArray {
  readonly name: string;
  readonly size: readonly number[];
  /** Column after column. */
  readonly numbers: readonly number[];
  readonly text: string;
  readonly cells: readonly MatlabArray[];
  /** Of a structure's first element. */
  readonly fields: ReadonlyMap<string, MatlabArray>;
}

const matrixType = 14;
const compressedType = 15;

/** The variables of a file by name. */
export function readMatlab(file: string): ReadonlyMap<string, MatlabArray> {
  const arrays = new Map<string, MatlabArray>();
  for (const element of elementsOf(readFileSync(file).subarray(128))) {
    const [inner] = element.type === compressedType ? elementsOf(inflateSync(element.data)) : [element];
    if (inner?.type !== matrixType) continue;
    const array = arrayOf(inner.data);
    arrays.set(array.name, array);
  }
  return arrays;
}

interface Element {
  readonly type: number;
  readonly data: Buffer;
}

function elementsOf(buffer: Buffer): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at + 8 <= buffer.length) {
    const word = buffer.readUInt32LE(at);
    const small = word >>> 16;
    const type = small > 0 ? word & 0xffff : word;
    const length = small > 0 ? small : buffer.readUInt32LE(at + 4);
    const from = small > 0 ? at + 4 : at + 8;
    elements.push({ type, data: buffer.subarray(from, from + length) });
    // What is compressed ends where it ends; all else is padded to eight bytes.
    at = small > 0 ? at + 8 : type === compressedType ? from + length : from + Math.ceil(length / 8) * 8;
  }
  return elements;
}

const [cellClass, structureClass, textClass] = [1, 2, 4];

function arrayOf(data: Buffer): MatlabArray {
  const [flags, size, name, ...rest] = elementsOf(data);
  const kind = (flags?.data.readUInt32LE(0) ?? 0) & 0xff;
  const plain = { name: name?.data.toString('latin1') ?? '', size: numbersOf(size), numbers: [], text: '', cells: [], fields: new Map() };
  if (kind === cellClass) return { ...plain, cells: rest.map((each) => arrayOf(each.data)) };
  if (kind === structureClass) return { ...plain, fields: fieldsOf(rest) };
  const numbers = numbersOf(rest[0]);
  return { ...plain, numbers, text: kind === textClass ? String.fromCharCode(...numbers) : '' };
}

function fieldsOf([length, names, ...values]: readonly Element[]): Map<string, MatlabArray> {
  const each = length?.data.readUInt32LE(0) ?? 32;
  const count = Math.floor((names?.data.length ?? 0) / each);
  const fields = new Map<string, MatlabArray>();
  for (let index = 0; index < count; index += 1) {
    const name = names?.data.toString('latin1', index * each, (index + 1) * each).replace(/\0.*$/s, '') ?? '';
    const value = values[index];
    if (value) fields.set(name, arrayOf(value.data));
  }
  return fields;
}

/** How numbers of a type are stored. */
const readers: Readonly<Record<number, readonly [bytes: number, read: (data: Buffer, at: number) => number]>> = {
  1: [1, (data, at) => data.readInt8(at)],
  2: [1, (data, at) => data.readUInt8(at)],
  3: [2, (data, at) => data.readInt16LE(at)],
  4: [2, (data, at) => data.readUInt16LE(at)],
  5: [4, (data, at) => data.readInt32LE(at)],
  6: [4, (data, at) => data.readUInt32LE(at)],
  7: [4, (data, at) => data.readFloatLE(at)],
  9: [8, (data, at) => data.readDoubleLE(at)],
  16: [1, (data, at) => data.readUInt8(at)],
  17: [2, (data, at) => data.readUInt16LE(at)],
};

function numbersOf(element: Element | undefined): number[] {
  const [bytes, read] = readers[element?.type ?? 0] ?? [1, null];
  if (!element || !read) return [];
  return Array.from({ length: Math.floor(element.data.length / bytes) }, (_, index) => read(element.data, index * bytes));
}
