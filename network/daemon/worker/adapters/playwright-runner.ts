/**
 * The reporter of the Playwright adapter: Playwright loads it, and it chooses by `preprocess` exactly the tests that were asked for, streams what
 * becomes of them over file descriptor 3, and says in the end what became of those that Playwright did not execute.
 */
export const playwrightReporter = String.raw`// Chooses and tells tests of Playwright; tells results over file descriptor 3.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const settings = JSON.parse(process.env.TESTOPS_RUNNER);

function write(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(3, bytes, at);
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

const plain = (text) => String(text ?? '').replace(/\x1b\[[0-9;]*m/g, '');
const firstLine = (text) => plain(text).split('\n').find((line) => line.trim() !== '')?.trim().slice(0, 1000) ?? '';
const messageOf = (error) => firstLine(error?.message ?? error?.value ?? error?.stack) || 'failed without a message';
const detailsOf = (errors) => errors.map((error) => plain([error.stack ?? error.message ?? error.value, error.snippet].filter(Boolean).join('\n'))).join('\n\n').slice(0, 14000);
const slashed = (file) => file.split(path.sep).join('/');

class Reporter {
  errors = [];
  names = new Map();
  wanted = new Set(JSON.parse(fs.readFileSync(settings.asked, 'utf8')));
  told = new Set();
  planned = false;
  listed = [];
  files = 0;

  constructor() {
    if (!settings.list) say('ready', { warm: false });
  }

  // Nothing else writes to the terminal: it has what tests print.
  printsToStdio() {
    return true;
  }

  async preprocess({ config, suite, testRun }) {
    this.planned = true;
    this.config = config;
    this.nameTests(suite);
    const modeOf = (each) => testRun.mode(each);
    if (settings.list) return this.list(suite, modeOf);
    const kept = this.keptTests(suite, modeOf);
    for (const test of suite.allTests()) {
      if (!kept.has(test)) this.exclude(testRun, test);
    }
  }

  // Tests of projects that others depend on are executed before them, and cannot be chosen.
  exclude(testRun, test) {
    try {
      testRun.exclude(test);
    } catch (error) {
      this.names.delete(test.id);
    }
  }

  onBegin(config) {
    this.config = config;
    if (this.planned) return;
    say('problem', { message: 'This version of Playwright does not let a reporter choose tests (Reporter.preprocess). A newer one does.' });
    process.exit(1);
  }

  // --------------------------------------------------------------------------------------------------------- names

  nameTests(suite) {
    const counts = new Map();
    for (const test of suite.allTests()) {
      const [, project, , ...titles] = test.titlePath();
      const repeated = test.repeatEachIndex > 0 ? ' (repeat ' + test.repeatEachIndex + ')' : '';
      const name = ((project ? '[' + project + '] ' : '') + [this.fileOf(test), ...titles].join(' \u203a ')).slice(0, 3950) + repeated;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      this.names.set(test.id, count === 1 ? name : name + ' #' + count);
    }
  }

  /** The file that Playwright loads, which a source map may call another. */
  fileOf(test) {
    return slashed(test.titlePath()[2]);
  }

  /** The outermost serial suite that a test is in. */
  serialSuite(test, modeOf) {
    let found;
    for (let at = test.parent; at && at.type !== 'project' && at.type !== 'root'; at = at.parent) if (modeOf(at) === 'serial') found = at;
    return found;
  }

  // ---------------------------------------------------------------------------------------------------- choice

  list(suite, modeOf) {
    for (const test of suite.allTests()) {
      const name = this.names.get(test.id);
      const serial = this.serialSuite(test, modeOf);
      const first = serial ? this.names.get(serial.allTests()[0].id) : undefined;
      const file = this.fileOf(test);
      const project = test.titlePath()[1];
      const tags = [...new Set(test.tags.map((tag) => tag.replace(/^@/, '').slice(0, 128)))];
      const skip = test.annotations.find(({ type }) => type === 'skip' || type === 'fixme');
      this.listed.push({
        test: name,
        source: path.relative(this.config.rootDir, test.location.file),
        unit: first === undefined ? name : 'serial ' + first,
        group: (project ? '[' + project + '] ' : '') + file,
        serial: settings.serialTags.some((tag) => tags.includes(tag)),
        tags: tags.slice(0, 100),
        ...(test.expectedStatus === 'skipped' ? { skipped: firstLine(skip?.description) || skip?.type || 'skipped' } : {}),
      });
    }
  }

  /** Those that were asked for, and the others of their serial suites: these are executed together or not at all. */
  keptTests(suite, modeOf) {
    const kept = new Set();
    for (const test of suite.allTests()) {
      if (!this.wanted.has(this.names.get(test.id))) continue;
      for (const each of this.serialSuite(test, modeOf)?.allTests() ?? [test]) kept.add(each);
    }
    return kept;
  }

  // ------------------------------------------------------------------------------------------------------- results

  onTestBegin(test) {
    const name = this.names.get(test.id);
    if (name !== undefined) say('started', { test: name });
  }

  onStdOut(chunk) {
    process.stdout.write(chunk);
  }

  onStdErr(chunk) {
    process.stderr.write(chunk);
  }

  onTestEnd(test, result) {
    const name = this.names.get(test.id);
    if (name === undefined) return;
    const facts = this.factsOf(test, result);
    // Not executed, since something before it failed: why is known in the end.
    if (facts === undefined) return;
    this.tell(name, { duration: result.duration, ...facts, files: this.filesOf(result) });
  }

  factsOf(test, result) {
    const note = (...types) => firstLine([...(result.annotations ?? []), ...test.annotations].find(({ type }) => types.includes(type))?.description);
    const errors = result.errors ?? [];
    if (result.status === 'skipped') {
      if (test.expectedStatus !== 'skipped') return undefined;
      return { verdict: 'skipped', message: note('skip', 'fixme') || 'skipped' };
    }
    if (result.status === test.expectedStatus) {
      return result.status === 'failed' ? { verdict: 'passed', message: 'failed as expected' + (note('fail') ? ': ' + note('fail') : '') } : { verdict: 'passed' };
    }
    if (result.status === 'passed') return { verdict: 'failed', message: 'passed, and was expected to fail' };
    return { verdict: result.status === 'failed' ? 'failed' : 'broken', message: messageOf(errors[0] ?? { message: result.status }), details: detailsOf(errors) };
  }

  filesOf(result) {
    return result.attachments.slice(0, 100).flatMap((attachment) => {
      const name = attachment.path ? path.basename(attachment.path) : attachment.name.replaceAll(/[\/\\\0]/g, '_').slice(0, 200) || 'attachment';
      const file = attachment.path ?? this.written(attachment.body);
      return file === undefined ? [] : [{ name, type: (attachment.contentType || 'application/octet-stream').slice(0, 128), from: { path: path.resolve(file) } }];
    });
  }

  written(body) {
    if (body === undefined) return undefined;
    const file = path.join(settings.folder, 'attachment-' + ++this.files);
    fs.writeFileSync(file, body);
    return file;
  }

  tell(test, facts) {
    if (this.told.has(test)) return;
    this.told.add(test);
    say('finished', { test, ...facts });
  }

  onError(error) {
    this.errors.push(error);
    process.stderr.write(plain(error.message ?? error.value ?? error.stack) + '\n');
  }

  // ----------------------------------------------------------------------------------------------------------- end

  onEnd() {
    if (settings.list) return this.endList();
    for (const test of this.wanted) {
      if (this.told.has(test)) continue;
      const known = [...this.names.values()].includes(test);
      // A test that is not there, without anything having gone wrong, is told nothing of.
      if (!known && this.errors.length === 0) continue;
      const message = this.errors.length > 0 ? messageOf(this.errors[0]) : 'not executed, since a test or a project before it failed';
      this.tell(test, { verdict: 'broken', duration: 0, message, details: detailsOf(this.errors) });
    }
  }

  endList() {
    const broken = new Set(this.errors.flatMap(({ location }) => (location && this.config ? [path.relative(this.config.rootDir, location.file)] : [])));
    // Of a file with an error none is executed, whatever was found in it.
    for (const { source, ...facts } of this.listed) if (!broken.has(source)) say('listed', facts);
    for (const source of broken) say('listed', { test: slashed(source), unit: slashed(source), group: slashed(source), serial: false, tags: ['collection-error'] });
    const placeless = this.errors.find(({ location }) => !location);
    if (placeless) say('problem', { message: messageOf(placeless) });
    else say('ready', { warm: false });
  }
}

module.exports = Reporter;
`;
