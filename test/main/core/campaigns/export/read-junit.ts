/**
 * A strict reader of JUnit XML: only the elements and attributes that the schema of Jenkins (junit-10.xsd of its xUnit plugin) has, where it has
 * them, and numbers that are those of the cases.
 */
import { readXml, type XmlElement } from '../../../../e2e/read-xml.ts';

/** Attributes by element: those that must be there, and those that may. */
const attributes: Readonly<Record<string, { readonly must: readonly string[]; readonly may: readonly string[] }>> = {
  testsuites: { must: [], may: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    must: ['name', 'tests', 'failures', 'errors'],
    may: ['time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'group', 'file'],
  },
  properties: { must: [], may: [] },
  property: { must: ['name', 'value'], may: [] },
  testcase: { must: ['name'], may: ['time', 'classname', 'group'] },
  failure: { must: [], may: ['type', 'message'] },
  error: { must: [], may: ['type', 'message'] },
  skipped: { must: [], may: ['type', 'message'] },
  ...Object.fromEntries(
    ['rerunFailure', 'rerunError', 'flakyFailure', 'flakyError'].map((name) => [name, { must: ['type'], may: ['message'] }]),
  ),
};
const children: Readonly<Record<string, readonly string[]>> = {
  testsuites: ['testsuite'],
  testsuite: ['properties', 'testcase'],
  properties: ['property'],
  testcase: ['skipped', 'error', 'failure', 'rerunFailure', 'rerunError', 'flakyFailure', 'flakyError'],
};

function check({ name, attributes: given, children: inner }: XmlElement): void {
  const known = attributes[name];
  if (!known) throw new Error(`<${name}> is not known`);
  for (const wanted of known.must) if (given[wanted] === undefined) throw new Error(`<${name}> lacks ${wanted}`);
  for (const each of Object.keys(given)) if (![...known.must, ...known.may].includes(each)) throw new Error(`<${name}> has ${each}`);
  for (const each of inner) {
    if (!children[name]?.includes(each.name)) throw new Error(`<${each.name}> stands in <${name}>`);
    check(each);
  }
}

/** What a case tells beside having been executed. */
interface Told {
  readonly element: string;
  readonly message?: string;
  readonly type?: string;
}

function toldOf({ name, attributes: given }: XmlElement): Told {
  return { element: name, ...given };
}

export function readJunit(text: string) {
  const [top, ...others] = readXml(text);
  if (top?.name !== 'testsuites' || others.length > 0) throw new Error('A JUnit file has one element testsuites.');
  check(top);
  const [suite, ...more] = top.children;
  if (!suite || more.length > 0) throw new Error('A file per suite has one suite.');
  const cases = suite.children
    .filter(({ name }) => name === 'testcase')
    .map(({ attributes: { name = '', classname = '', time = '' }, children: inner }) => {
      if (!/^\d+\.\d{3}$/.test(time)) throw new Error(`${name} took ${time}`);
      return {
        name,
        classname,
        time,
        told: inner.map(toldOf),
      };
    });
  const count = (element: string): number => cases.filter(({ told }) => told.some((each) => each.element === element)).length;
  const told = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  for (const [key, value] of Object.entries(told)) if (Number(suite.attributes[key]) !== value) throw new Error(`${key} is not ${value}`);
  for (const key of ['tests', 'failures', 'errors'] as const)
    if (top.attributes[key] !== suite.attributes[key]) throw new Error(`${key} differs`);
  const properties = suite.children.find(({ name }) => name === 'properties')?.children ?? [];
  return {
    name: suite.attributes['name'],
    ...told,
    cases,
    properties: Object.fromEntries(properties.map(({ attributes: { name = '', value = '' } }) => [name, value])),
  };
}
