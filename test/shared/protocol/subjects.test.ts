import { expect, test } from 'vitest';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import { parseSubject, subject } from '#shared/protocol/subjects.ts';

test('a subject is read as it was made', () => {
  const made = subject('demo' as EnvironmentName, 'samples', 'MEP' as DaemonName);
  expect(made).toBe('testops.demo.samples.MEP');
  expect(parseSubject(made)).toEqual({ environment: 'demo', kind: 'samples', daemon: 'MEP' });
});

test.each(['', 'testops', 'testops.demo.samples', 'testops.demo.other.MEP', 'testops.demo.samples.MEP.x', 'x.demo.samples.MEP'])(
  '%j is no subject of ours',
  (text) => expect(parseSubject(text)).toBeUndefined(),
);
