/**
 * The runner of the vitest adapter: a module for Node that opens vitest through its own `vitest/node`, lists what files collect by executing them
 * (so that `each` is expanded), and runs exactly the files it is told to. It speaks over file descriptors 3 and 4, and stays for many requests.
 *
 * A test is told as soon as it has ended, but for the last of a file that passed: it answers for what fails after the tests (`afterAll`, errors that
 * nobody handled), which vitest itself counts to no test.
 */
export const vitestRunner = String.raw`// Runs files of vitest, as told over file descriptor 4; tells results over 3.
import { createReadStream, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const settings = JSON.parse(process.env.TESTOPS_RUNNER);
delete process.env.TESTOPS_RUNNER;
const folder = process.cwd();
const { createVitest, parseCLI } = await import(pathToFileURL(settings.module).href);

function write(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(3, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function say(kind, facts = {}) {
  const encode = () => Buffer.from(JSON.stringify({ kind, ...facts }) + '\n');
  let line = encode();
  while (line.length > 60000 && facts.details) {
    facts.details = facts.details.slice(0, facts.details.length / 2) + '\n... [cut]';
    line = encode();
  }
  write(line);
}

// ------------------------------------------------------------------------------------------------------------- names

function fileName(project, moduleId, pool) {
  const path = relative(folder, moduleId).split(sep).join('/');
  return (project.name ? '[' + project.name + '] ' : '') + path + (pool === 'typescript' ? ' (types)' : '');
}

const poolOf = (module) => (module.task && module.task.pool) || '';
const fileOf = (module) => fileName(module.project, module.moduleId, poolOf(module));

/** Names of the tests of a file; the second of one name has "#2" behind it. */
function namesOf(module) {
  const file = fileOf(module);
  const counts = new Map();
  const names = new Map();
  for (const test of module.children.allTests()) {
    const plain = (file + ' > ' + test.fullName).slice(0, 3980);
    const count = (counts.get(plain) || 0) + 1;
    counts.set(plain, count);
    names.set(test.id, count === 1 ? plain : plain + ' #' + count);
  }
  return names;
}

// ------------------------------------------------------------------------------------------------------------ errors

const firstLine = (text) => String(text).split('\n').find((line) => line.trim() !== '')?.trim().slice(0, 1000) ?? '';

function messageOf(error) {
  const name = error.name && error.name !== 'Error' ? error.name + ': ' : '';
  return firstLine(name + (error.message ?? error)) || 'failed without a message';
}

function detailsOf(errors) {
  return errors
    .map((error) => [error.stack || error.stackStr || error.message || String(error), error.diff].filter(Boolean).join('\n'))
    .join('\n\n')
    .slice(0, 14000);
}

/** What failed around a test: hooks of its suites, or its whole file. */
function errorsAround(test) {
  const errors = [];
  for (let at = test.parent; at; at = at.parent) errors.push(...at.errors());
  return errors;
}

// ---------------------------------------------------------------------------------------------------------- reporter

const reporter = {
  wanted: new Map(),
  /** By file: the last test that passed, not told yet. */
  held: new Map(),
  told: new Set(),
  printed: new Map(),
  names: new Map(),

  begin(files) {
    this.wanted = files;
    this.held = new Map();
    this.told = new Set();
    this.printed = new Map();
  },
  onTestModuleCollected(module) {
    for (const [id, name] of namesOf(module)) this.names.set(id, name);
  },
  onUserConsoleLog(log) {
    const before = this.printed.get(log.taskId) ?? '';
    if (before.length < 100000) this.printed.set(log.taskId, before + log.content);
  },
  onTestCaseReady(test) {
    this.release(test.module.id);
    const name = this.names.get(test.id);
    if (name !== undefined) say('started', { test: name });
  },
  onTestCaseResult(test) {
    const name = this.names.get(test.id);
    if (name === undefined) return;
    const facts = this.factsOf(test);
    if (facts === undefined) return;
    if (facts.verdict === 'passed') {
      this.release(test.module.id);
      this.held.set(test.module.id, { test: name, suites: suitesOf(test), ...facts });
    } else {
      this.tell({ test: name, ...facts });
    }
  },
  onTestSuiteResult(suite) {
    this.blame(suite.module.id, suite.errors(), suite.id);
  },
  onTestModuleEnd(module) {
    // Tests that never began, since something around them failed or they are skipped, have no result of their own.
    for (const test of module.children.allTests()) {
      const name = this.names.get(test.id) ?? namesOf(module).get(test.id);
      if (this.told.has(name) || this.held.get(module.id)?.test === name) continue;
      const facts = this.factsOf(test);
      if (facts) this.tell({ test: name, ...facts });
    }
    this.blame(module.id, module.errors());
    const errors = module.errors();
    if (errors.length > 0) this.tellUnloaded(module, errors);
  },

  /** A file that did not load has no tests: each that was asked for is broken, with the reason. */
  tellUnloaded(module, errors) {
    const file = fileOf(module);
    for (const test of this.wanted.get(file) ?? []) {
      if (this.told.has(test) || this.held.get(module.id)?.test === test) continue;
      this.tell({ test, verdict: 'broken', duration: 0, message: file + ' failed: ' + messageOf(errors[0]), details: detailsOf(errors) });
    }
  },
  factsOf(test) {
    const result = test.result();
    const { duration = 0, flaky = false } = test.diagnostic() ?? {};
    if (result.state === 'pending') return undefined;
    if (result.state === 'passed') {
      return flaky ? { verdict: 'failed', duration, message: 'passed only when vitest tried it again' } : { verdict: 'passed', duration };
    }
    const around = errorsAround(test);
    if (result.state === 'skipped') {
      if (around.length > 0 && test.options.mode === 'run' && !result.note) {
        return { verdict: 'broken', duration, message: messageOf(around[0]), details: detailsOf(around) };
      }
      return { verdict: 'skipped', duration, message: result.note ?? (test.options.mode === 'todo' ? 'todo' : 'skipped') };
    }
    const errors = result.errors ?? [];
    const printed = this.printed.get(test.id);
    const facts = { verdict: 'failed', duration, message: messageOf(errors[0] ?? around[0] ?? 'failed'), details: detailsOf([...errors, ...around]) };
    if (printed) facts.details += '\n----- printed -----\n' + printed.slice(-6000);
    return facts;
  },
  blame(moduleId, errors, suite) {
    const held = this.held.get(moduleId);
    if (errors.length === 0 || !held) return;
    if (suite !== undefined && !held.suites.includes(suite)) return;
    Object.assign(held, { verdict: 'broken', message: 'after the test: ' + messageOf(errors[0]), details: detailsOf(errors) });
  },
  release(moduleId) {
    const held = this.held.get(moduleId);
    this.held.delete(moduleId);
    if (held) this.tell(held);
  },
  tell({ suites, ...facts }) {
    if (this.told.has(facts.test)) return;
    this.told.add(facts.test);
    say('finished', facts);
  },
  /** At the very end: errors that nobody handled belong to the file that vitest names, else to all that ran. */
  end(modules, unhandled) {
    for (const module of modules) {
      const errors = unhandled.filter((error) => !error.VITEST_TEST_PATH || error.VITEST_TEST_PATH === module.moduleId);
      this.blame(module.id, errors);
      this.release(module.id);
    }
    for (const module of [...this.held.keys()]) this.release(module);
  },
};

function suitesOf(test) {
  const suites = [];
  for (let at = test.parent; at && at.type === 'suite'; at = at.parent) suites.push(at.id);
  return suites;
}

// ----------------------------------------------------------------------------------------------------------- requests

function list(modules) {
  for (const module of modules.toSorted((left, right) => (fileOf(left) < fileOf(right) ? -1 : 1))) {
    const file = fileOf(module);
    const names = namesOf(module);
    const errors = module.errors();
    for (const test of module.children.allTests()) {
      const name = names.get(test.id);
      const skipped = test.options.mode === 'skip' || test.options.mode === 'todo' ? { skipped: test.options.mode } : {};
      say('listed', { test: name, unit: file, group: file, serial: settings.serialTags.some((tag) => tagsOf(test).includes(tag)), tags: tagsOf(test), ...skipped });
    }
    if (errors.length > 0 && names.size === 0) say('listed', { test: file, unit: file, group: file, serial: false, tags: ['collection-error'] });
  }
}

const tagsOf = (test) => (test.tags ?? []).map((tag) => tag.slice(0, 128)).slice(0, 100);

async function run(vitest, specifications, { run, variables }) {
  const files = new Map();
  const names = [...specifications.keys()].sort((left, right) => right.length - left.length);
  for (const test of run) {
    const file = names.find((name) => test === name || test.startsWith(name + ' > '));
    if (file !== undefined) files.set(file, [...(files.get(file) ?? []), test]);
  }
  reporter.begin(files);
  const chosen = [...files.keys()].map((file) => specifications.get(file));
  if (chosen.length === 0) return;
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(chosen, false);
    reporter.end(testModules, unhandledErrors);
    vitest.state.errorsSet?.clear?.();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

async function main() {
  const { filter, options } = parseCLI(['vitest', 'run', ...settings.arguments]);
  const vitest = await createVitest('test', {
    ...options,
    run: true,
    watch: false,
    reporters: [reporter],
    retry: 0,
    bail: 0,
    ui: false,
    open: false,
    passWithNoTests: true,
    coverage: { enabled: false },
  });
  const found = await vitest.globTestSpecifications(filter);
  const specifications = new Map(found.map((each) => [fileName(each.project, each.moduleId, each.pool), each]));
  if (settings.list) {
    const { testModules } = await vitest.collectTests([...specifications.values()]);
    list(testModules);
    say('ready', { warm: false });
  } else {
    say('ready', { warm: true });
    for await (const line of createInterface({ input: createReadStream('', { fd: 4 }), crlfDelay: Infinity })) {
      await run(vitest, specifications, JSON.parse(line));
      say('idle');
    }
  }
  await vitest.close();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  say('problem', { message: 'vitest could not be started: ' + messageOf(error) });
  process.stderr.write(String(error?.stack ?? error) + '\n');
  process.exit(1);
}
`;
