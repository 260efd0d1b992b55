/** Shapes in words, made of the JSON schemas that zod makes of its own: `{ run: RunId, files: { path: string(1–1,024) }[] }`. */
import { z } from 'zod';

/** The part of JSON Schema that the contract's schemas come to. */
export interface Shape {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly prefixItems?: readonly Shape[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** What is said of a field, by the path of its names. */
export type Said = (path: readonly string[]) => string | undefined;

/** Schemas that have a name, and are told once. */
export type Names = ReadonlyMap<z.ZodType, string>;

/** The shape of a schema in which those that have names are only named. */
export function shapeOf(schema: z.ZodType, names: Names, io: 'input' | 'output'): Shape {
  const metadata = z.registry<{ id: string }>();
  for (const [named, id] of names) if (named !== schema) metadata.add(named, { id });
  return z.toJSONSchema(schema, { metadata, io, unrepresentable: 'any' }) as Shape;
}

/** The shape as text; fields of which something is said stand on lines of their own. */
export function written(shape: Shape, said: Said, path: readonly string[] = [], indent = ''): string {
  if (shape.$ref !== undefined) return shape.$ref.replace('#/$defs/', '');
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum) return shape.enum.map((each) => JSON.stringify(each)).join(' | ');
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices) return alternatives(choices, said, path, indent);
  if (shape.allOf) return shape.allOf.map((each) => written(each, said, path, indent)).join(' & ');
  if (Array.isArray(shape.type)) return shape.type.map((type: string) => written({ ...shape, type }, said, path, indent)).join(' | ');
  return ofOneType(shape, said, path, indent);
}

function ofOneType(shape: Shape, said: Said, path: readonly string[], indent: string): string {
  switch (shape.type) {
    case 'object':
      return objectText(shape, said, path, indent);
    case 'array':
      return arrayText(shape, said, path, indent);
    case 'string':
      return `string${inBrackets(limits(shape.minLength, shape.maxLength))}`;
    case 'integer':
    case 'number':
      return `${shape.type}${inBrackets(limits(leastOf(shape), shape.maximum))}`;
    case undefined:
      return 'anything';
    default:
      return String(shape.type);
  }
}

function alternatives(choices: readonly Shape[], said: Said, path: readonly string[], indent: string): string {
  const inARow = choices.length < 3 || !choices.every(({ type }) => type === 'object');
  if (inARow) return choices.map((each) => written(each, said, path, indent)).join(' | ');
  return choices.map((each) => `\n${indent}  | ${written(each, said, path, `${indent}    `)}`).join('');
}

function objectText(shape: Shape, said: Said, path: readonly string[], indent: string): string {
  const { properties = {}, required = [], additionalProperties } = shape;
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0) {
    return `{ [name]: ${written(additionalProperties, said, path, indent)} }`;
  }
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const place = [...path, name];
    return {
      comment: said(place),
      text: `${name}${required.includes(name) ? '' : '?'}: ${written(field, said, place, inner)}`,
    };
  });
  if (fields.length === 0) return '{}';
  const oneLine = `{ ${fields.map(({ text }) => text).join(', ')} }`;
  const short = fields.every(({ comment }) => comment === undefined) && !oneLine.includes('\n');
  if (short && indent.length + oneLine.length <= 110) return oneLine;
  return `{\n${fields.map(({ comment, text }) => `${comment === undefined ? '' : `${inner}// ${comment}\n`}${inner}${text}\n`).join('')}${indent}}`;
}

function arrayText({ items, prefixItems, minItems, maxItems }: Shape, said: Said, path: readonly string[], indent: string): string {
  if (prefixItems) return `[${prefixItems.map((each) => written(each, said, path, indent)).join(', ')}]`;
  const item = written(items ?? {}, said, path, indent);
  const alone = item.startsWith('{') || !/[ |&]/.test(item);
  return `${alone ? item : `(${item})`}[${limits(minItems, maxItems)}]`;
}

function leastOf({ type, minimum, exclusiveMinimum }: Shape): number | string | undefined {
  if (exclusiveMinimum === undefined) return minimum;
  return type === 'integer' ? exclusiveMinimum + 1 : `>${exclusiveMinimum}`;
}

/** Beyond this a limit only says what numbers and times can be at all. */
const beyondMeaning = 8e15;

/** Limits of a length or a number, where a schema sets any. */
function limits(least: number | string | undefined, most: number | undefined): string {
  const [low, high] = [least, most].map((limit) => {
    if (typeof limit === 'string') return limit;
    return limit === undefined || Math.abs(limit) >= beyondMeaning ? '' : limit.toLocaleString('en-US');
  });
  return low === '' && high === '' ? '' : `${low}–${high}`;
}

function inBrackets(text: string): string {
  return text === '' ? '' : `(${text})`;
}
