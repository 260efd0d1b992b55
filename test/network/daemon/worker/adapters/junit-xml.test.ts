/** JUnit XML of many tools, and of somebody who means harm. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJunit, readJunitFile } from '#network/daemon/worker/adapters/junit-xml.ts';

const suite = (content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="s">${content}</testsuite></testsuites>`;
const read = (content: string) => readJunit(suite(content), 'r.xml');

test('each case with its verdict, message, details and time', () => {
  const cases = read(`
    <testcase classname="a.B" name="passes" time="0.25"/>
    <testcase classname="a.B" name="fails &lt;1&gt;" time="1,234.5"><failure message="expected 1" type="Assertion"><![CDATA[at a.B(3)]]></failure><system-out>noise</system-out></testcase>
    <testcase classname="a.B" name="breaks"><error type="IOException">no disk
more</error></testcase>
    <testcase classname="a.B" name="skips"><skipped message="later"/></testcase>
    <testcase name="both"><skipped/><failure message="yet it ran"/></testcase>`);
  expect(cases.map(({ name, verdict, duration }) => `${name} ${verdict} ${duration}`)).toEqual([
    'passes passed 250',
    'fails <1> failed 1234500',
    'breaks broken 0',
    'skips skipped 0',
    'both skipped 0',
  ]);
  expect(cases[1]).toMatchObject({ className: 'a.B', message: 'expected 1', details: 'at a.B(3)' });
  expect(cases[2]).toMatchObject({ message: 'IOException', details: 'no disk\nmore' });
});

test.each([
  ['an entity of its own', '<!DOCTYPE x [<!ENTITY e "boom">]><testsuite><testcase name="&e;"/></testsuite>', 'a document type is not read'],
  ['a billion laughs', `<!DOCTYPE x [<!ENTITY a "ha">${'<!ENTITY b "&a;&a;">'.repeat(10)}]><testsuite/>`, 'a document type is not read'],
  ['an external entity', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', 'a document type is not read'],
  ['an entity that nobody declared', '<testsuite><testcase name="&e;"/></testsuite>', 'entity'],
  ['half a file', '<testsuite><testcase name="a"', 'unclosed'],
  ['no XML', 'PASS', 'outside of root node'],
  ['elements without end', '<testsuite>'.repeat(200), 'more than 100 elements'],
])('%s is refused in a sentence', (_, text, reason) => {
  expect(() => readJunit(text, 'r.xml')).toThrow(/^r\.xml is no sound JUnit file: /);
  expect(() => readJunit(text, 'r.xml')).toThrow(reason);
});

test('what a test printed is not looked at, whatever it is', () => {
  const printed = '<![CDATA[<!DOCTYPE html [<!ENTITY e "x">]>&e;]]>';
  expect(read(`<system-out>${printed}</system-out><testcase name="a"><failure>${printed}</failure></testcase>`)).toHaveLength(1);
});

test('bounds hold: bytes, cases, and the text that is kept of one', () => {
  const many = suite('<testcase name="a"/>'.repeat(50));
  expect(() => readJunit(many, 'r.xml', { bytes: 500, cases: 100, depth: 10 })).toThrow('it is longer than 500 bytes');
  expect(() => readJunit(many, 'r.xml', { bytes: 50_000, cases: 10, depth: 10 })).toThrow('more than 10 test cases');
  const [found] = read(`<testcase name="a"><failure>${'x'.repeat(100_000)}</failure></testcase>`);
  expect(found?.details.length).toBe(16_384);
});

test('a link or a pipe in the place of a file is not read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'junit-'));
  try {
    writeFileSync(join(folder, 'real.xml'), suite('<testcase name="a"/>'));
    symlinkSync(join(folder, 'real.xml'), join(folder, 'link.xml'));
    execFileSync('mkfifo', [join(folder, 'pipe.xml')]);
    expect(await readJunitFile(join(folder, 'real.xml'))).toHaveLength(1);
    await expect(readJunitFile(join(folder, 'link.xml'))).rejects.toThrow('ELOOP');
    await expect(readJunitFile(join(folder, 'pipe.xml'))).rejects.toThrow('is no file');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
