/**
 * The runner of the pytest adapter: a Python program that calls pytest with a plugin of its own. It tells what was collected over file descriptor
 * 3, then executes one collected test at a time, as it is told over descriptor 4, in one session: session fixtures are set up once, those of
 * a class or a module are torn down as soon as the next test does not need them or none of theirs is left.
 *
 * Fixtures stay between two requests by `session._setupstate`, which is private to pytest. Where it is not as expected, the runner says that it is not
 * warm, and executes one request in the way that pytest promises to keep: each test with the next one, the last with none.
 *
 * It runs on Python 3.7 and pytest 7 and later. Lines are kept below the 64 KiB at which a channel cuts them.
 */
export const pytestRunner = String.raw`"""Executes collected tests of pytest one at a time, as told over file descriptor 4; tells results over 3."""
import inspect
import json
import os
import sys
import time

try:
    import pytest
except ModuleNotFoundError as missing:
    if missing.name != 'pytest':
        raise
    sys.exit('pytest is not installed for ' + sys.executable + '.')

SETTINGS = json.loads(os.environ.pop('TESTOPS_RUNNER'))
OWNER = os.getpid()
LONGEST_LINE = 60000
LONGEST_NAME = 4000
# Said to pytest itself, not about the test.
OWN_MARKS = {'parametrize', 'usefixtures', 'filterwarnings'}

for descriptor in (3, 4):
    os.set_inheritable(descriptor, False)


def say(kind, **facts):
    facts['kind'] = kind
    line = encoded(facts)
    while len(line) > LONGEST_LINE and facts.get('details'):
        facts['details'] = facts['details'][: len(facts['details']) // 2] + '\n... [cut]'
        line = encoded(facts)
    view = memoryview(line)
    while view:
        view = view[os.write(3, view):]


def encoded(facts):
    return (json.dumps(facts, ensure_ascii=False) + '\n').encode('utf-8', 'backslashreplace')


class Stay:
    """Stands for a next test that needs these collectors, whatever it is."""

    def __init__(self, item, needed):
        self._item = item
        self._needed = needed

    def listchain(self):
        return list(self._needed)

    def __getattr__(self, name):
        return getattr(self._item, name)


def first_line(text):
    return next((line.strip() for line in str(text).splitlines() if line.strip()), '')[:1000]


def crash_message(report):
    crash = getattr(report.longrepr, 'reprcrash', None)
    if crash is not None and crash.message:
        return first_line(crash.message)
    lines = [line for line in str(report.longrepr or '').splitlines() if line.strip()]
    return (lines[-1].strip() if lines else '')[:1000]


def skip_reason(report):
    if getattr(report, 'wasxfail', None) is not None:
        reason = report.wasxfail[len('reason: '):] if report.wasxfail.startswith('reason: ') else report.wasxfail
        return ('expected to fail: ' + reason) if reason else 'expected to fail'
    longrepr = report.longrepr
    reason = longrepr[2] if isinstance(longrepr, tuple) and len(longrepr) == 3 else first_line(longrepr)
    return (reason[len('Skipped: '):] if reason.startswith('Skipped: ') else reason)[:1000]


class Outcome:
    """What the reports of one test come to. The first of the worst decides: failed before broken before skipped before passed."""

    ORDER = {'passed': 0, 'skipped': 1, 'broken': 2, 'failed': 3}

    def __init__(self):
        self.verdict = None
        self.message = ''
        self.details = []
        self.output = []

    def take(self, report):
        for title, text in report.sections:
            if (title, text) not in self.output:
                self.output.append((title, text))
        if report.outcome == 'failed':
            self.worst('failed' if report.when == 'call' else 'broken', crash_message(report))
        elif report.outcome == 'rerun':
            self.worst('failed', crash_message(report) or 'executed again by a plugin of pytest')
        elif report.outcome == 'skipped':
            self.worst('skipped', skip_reason(report))
            return
        elif report.when == 'call':
            unexpected = getattr(report, 'wasxfail', None)
            self.worst('passed', '' if unexpected is None else 'passed, and was expected to fail' + (': ' + unexpected if unexpected else ''))
        if report.longrepr:
            self.details.append(str(report.longrepr))

    def worst(self, verdict, message):
        if self.verdict is None or self.ORDER[verdict] > self.ORDER[self.verdict]:
            self.verdict, self.message = verdict, message

    def facts(self, test):
        output = ''.join('----- %s -----\n%s\n' % (title, text.rstrip()) for title, text in self.output)
        details = '\n'.join(self.details)
        facts = {'verdict': self.verdict}
        if self.message:
            facts['message'] = self.message
        if self.verdict not in ('failed', 'broken'):
            return facts
        if output and len(details) + len(output) <= 14000:
            details = (details + '\n' + output).strip()
        elif output:
            facts['files'] = [{'name': 'output.txt', 'type': 'text/plain', 'from': {'path': kept(output)}}]
        if details:
            facts['details'] = details
        return facts


def kept(text):
    kept.number += 1
    path = os.path.join(SETTINGS['folder'], 'output-%d.txt' % kept.number)
    with open(path, 'w', encoding='utf-8', errors='backslashreplace') as file:
        file.write(text)
    return path


kept.number = 0


class Runner:
    def __init__(self):
        self.errors = {}
        self.absent = {}
        self.items = {}
        self.left = {}
        self.outcome = None

    # ------------------------------------------------------------------------------------------------------ set-up

    # A wrapper, so that it comes before what other plugins do there.
    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self, config):
        # Distributing and trying again is ours.
        for name, value in (('numprocesses', 0), ('dist', 'no'), ('tx', []), ('reruns', 0), ('maxfail', 0), ('usepdb', False)):
            if hasattr(config.option, name):
                setattr(config.option, name, value)
        yield

    # The terminal says nothing of single tests: what stands in the output is what they printed.
    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        category = {'failed': 'failed' if report.when == 'call' else 'error', 'skipped': 'skipped'}.get(report.outcome, '')
        return category, '', ''

    # -------------------------------------------------------------------------------------------------- collection

    def pytest_collectreport(self, report):
        if report.failed:
            self.errors[report.nodeid] = (crash_message(report), str(report.longrepr))
        elif report.skipped and report.nodeid:
            self.absent[report.nodeid] = skip_reason(report) or 'skipped'

    def pytest_collection_finish(self, session):
        for item in session.items:
            self.items.setdefault(item.nodeid, []).append(item)
            for node in item.listchain()[1:-1]:
                self.left.setdefault(node, set()).add(item.nodeid)

    def tell_listed(self):
        for test, (item, *_) in self.items.items():
            if len(test) > LONGEST_NAME:
                say('problem', message='The id of a test has %d characters, more than %d; give its parameters names with ids=: %s...' % (len(test), LONGEST_NAME, test[:200]))
                continue
            marks = {mark.name: mark for mark in reversed(list(item.iter_markers()))}
            facts = {'test': test, 'unit': self.unit(test, marks), 'group': item.parent.nodeid if item.parent else '', 'skipped': unconditional(marks)}
            facts['serial'] = any(name in marks for name in SETTINGS['serialMarkers'])
            facts['tags'] = [name[:128] for name in marks if name not in OWN_MARKS][:100]
            say('listed', **{key: value for key, value in facts.items() if value is not None})
        for test, (message, _) in self.errors.items():
            say('listed', test=test or 'collection', unit=test or 'collection', group=test, serial=False, tags=['collection-error'])
        for test, reason in self.absent.items():
            say('listed', test=test, unit=test, group=test, serial=False, tags=[], skipped=reason[:2000])

    def unit(self, test, marks):
        # Tests that are to share one process where pytest-xdist distributes them, do so here.
        group = marks.get('xdist_group')
        if group is None:
            return test
        name = group.args[0] if group.args else group.kwargs.get('name', '')
        return ('xdist_group ' + str(name))[:4096]

    # --------------------------------------------------------------------------------------------------- execution

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if SETTINGS['list']:
            self.tell_listed()
            say('ready', warm=False)
            return True
        state = getattr(session, '_setupstate', None)
        warm = SETTINGS['warm'] and can_stay(state)
        say('ready', warm=warm)
        with os.fdopen(4, encoding='utf-8') as requests:
            for line in requests:
                request = json.loads(line)
                self.execute(request['run'], request['variables'], state if warm else None)
                say('idle')
                if not warm:
                    break
        if warm:
            state.teardown_exact(None)
        return True

    def execute(self, tests, variables, state):
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            for test in tests:
                self.tell_absent(test)
            self.execute_known([test for test in tests if test in self.items], state)
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def tell_absent(self, test):
        error = self.errors.get('' if test == 'collection' else test)
        if error:
            say('started', test=test)
            say('finished', test=test, verdict='broken', duration=0, message=error[0] or 'could not be collected', details=error[1])
        elif test in self.absent:
            say('started', test=test)
            say('finished', test=test, verdict='skipped', duration=0, message=self.absent[test])

    def execute_known(self, tests, state):
        for index, test in enumerate(tests):
            following = self.items[tests[index + 1]][0] if index + 1 < len(tests) else None
            self.execute_one(test, following, state)

    def execute_one(self, test, following, state):
        items = self.items[test]
        if state is not None:
            leave(state, items[0])
        say('started', test=test)
        self.outcome = Outcome()
        began = time.perf_counter()
        stop = None
        for index, item in enumerate(items):
            getattr(item, '_report_sections', []).clear()
            after = items[index + 1] if index + 1 < len(items) else following
            needed = self.still_needed(item)
            if after is None and state is not None:
                after = Stay(item, needed)
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            except BaseException as error:
                stop = error
                self.outcome.worst('broken', ('ended the session: %s' % error) if str(error) else 'ended the session')
            if os.getpid() != OWNER:
                # A fork of the test that came back: what is asked next is not its business.
                os._exit(1)
        outcome, self.outcome = self.outcome, None
        if outcome.verdict is None:
            outcome.worst('broken', 'pytest executed it without a report')
        say('finished', test=test, duration=(time.perf_counter() - began) * 1000, **outcome.facts(test))
        if stop is not None:
            raise stop

    def still_needed(self, item):
        """Of what the test is in, that of which other tests were not executed yet; the session is always needed."""
        chain = item.listchain()
        for node in chain[1:-1]:
            self.left[node].discard(item.nodeid)
        needed = chain[:1]
        for node in chain[1:-1]:
            if not self.left[node]:
                break
            needed.append(node)
        return needed

    def pytest_runtest_logreport(self, report):
        if self.outcome is not None:
            self.outcome.take(report)


def unconditional(marks):
    skip = marks.get('skip')
    if skip is None:
        return None
    return str(skip.args[0] if skip.args else skip.kwargs.get('reason') or 'unconditional skip')[:2000]


def can_stay(state):
    """Whether fixtures can be kept between two tests as is done here."""
    try:
        return isinstance(state.stack, dict) and list(inspect.signature(state.teardown_exact).parameters) == ['nextitem']
    except (AttributeError, TypeError, ValueError):
        return False


def leave(state, item):
    """Tears down what the next test does not need. Those whose fixtures these were have their verdict, so a failure is only told."""
    try:
        state.teardown_exact(item)
    except Exception as error:
        sys.stderr.write('A fixture of earlier tests failed when it was torn down: %s: %s\n' % (type(error).__name__, error))


def main():
    # As with 'python -m pytest'.
    sys.path[0] = os.getcwd()
    try:
        return pytest.main(SETTINGS['arguments'], plugins=[Runner()])
    except SystemExit as error:
        return error.code


if __name__ == '__main__':
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread that a test left behind does not keep it.
    os._exit(int(status or 0))
`;
