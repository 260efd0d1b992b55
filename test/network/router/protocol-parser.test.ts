/** The parser reads the same from the same bytes however they are cut, keeps little, and never throws. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maximumControlLine, ProtocolParser } from '#network/router/protocol-parser.ts';
import type { ProtocolReader } from '#network/router/protocol-parser.ts';

const seed = 20_261_120;
const maximumPayload = 1_000;

/** Everything that the parser tells, as text. */
function parse(chunks: readonly Uint8Array[], admitted = true): string[] {
  const told: string[] = [];
  const reader: ProtocolReader = {
    admits: () => admitted,
    control: (operation, argument) => told.push(`${operation} ${argument}`),
    publish: (subject, reply, headerBytes, body) => told.push(`PUB ${subject} ${reply} ${headerBytes} ${body.toString('latin1')}`),
    fault: (fault) => told.push(`fault ${fault}`),
  };
  const parser = new ProtocolParser(reader, maximumPayload);
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  return told;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

const word = fc.stringMatching(/^[a-z.*>]{1,8}$/);
const payload = fc.uint8Array({ maxLength: 300 });
const operation = fc.oneof(
  fc.constantFrom('PING\r\n', 'pong\n', '+OK\r\n', 'CONNECT {"verbose":true}\r\n').map((text) => Buffer.from(text)),
  fc.tuple(word, word).map(([subject, id]) => Buffer.from(`SUB ${subject} ${id}\r\n`)),
  fc
    .tuple(word, payload)
    .map(([subject, bytes]) => Buffer.concat([Buffer.from(`PUB ${subject} ${bytes.length}\r\n`), bytes, Buffer.from('\r\n')])),
  fc
    .tuple(word, word, payload)
    .map(([subject, reply, bytes]) =>
      Buffer.concat([Buffer.from(`HPUB ${subject} ${reply} 12 ${bytes.length + 12}\r\nNATS/1.0\r\n\r\n`), bytes, Buffer.from('\r\n')]),
    ),
);

describe('the protocol parser', () => {
  test('reads the same from sound bytes, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), fc.array(fc.nat(5_000), { maxLength: 20 }), (operations, places) => {
        const bytes = Buffer.concat(operations);
        const whole = parse([bytes]);
        expect(whole).toHaveLength(operations.length);
        expect(whole.join()).not.toContain('fault');
        expect(parse(cut(bytes, places))).toEqual(whole);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('reads the same from any bytes, however they are cut, and stops at the first fault', () => {
    const mixed = fc.array(fc.oneof(operation, fc.uint8Array({ maxLength: 20 })), { maxLength: 8 });
    fc.assert(
      fc.property(mixed, fc.array(fc.nat(5_000), { maxLength: 10 }), (parts, places) => {
        const bytes = Buffer.concat(parts);
        const whole = parse([bytes]);
        expect(parse(cut(bytes, places))).toEqual(whole);
        const fault = whole.findIndex((each) => each.startsWith('fault'));
        expect([-1, whole.length - 1]).toContain(fault);
      }),
      { seed, numRuns: 1_000 },
    );
  });

  test.each([
    ['PUB a 1001\r\n', 'payload too large'],
    ['PUB a 99999999999999999999\r\n', 'bad arguments'],
    ['PUB a -1\r\n', 'bad arguments'],
    ['PUB a 1e2\r\n', 'bad arguments'],
    ['PUB 5\r\n', 'bad arguments'],
    ['HPUB a 5\r\n', 'bad arguments'],
    ['HPUB a 6 5\r\n', 'bad arguments'],
    ['PUB a 1\r\nxx\r\n', 'unknown operation'],
    ['PUB a 1\r\nx\n\r', 'unknown operation'],
    ['\r\n', 'unknown operation'],
    ['GET / HTTP/1.1\r\n', 'unknown operation'],
  ])('refuses %j', (text, fault) => {
    expect(parse([Buffer.from(text)])).toEqual([`fault ${fault}`]);
  });

  test('refuses an endless line as soon as it is too long, cut or not', () => {
    const line = Buffer.alloc(maximumControlLine + 100, 'x');
    expect(parse([line])).toEqual(['fault control line too long']);
    expect(parse(Array.from({ length: 50 }, () => Buffer.alloc(100, 'x')))).toEqual(['fault control line too long']);
  });

  test('reads nothing of somebody who is not admitted', () => {
    expect(parse([Buffer.from('PUB a 1\r\nx\r\nPING\r\n')], false)).toEqual([]);
  });
});
