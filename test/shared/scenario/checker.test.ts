/** The checker: each problem it knows, and that it is silent about sound scenarios. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import { checkScenario } from '#shared/scenario/checker.ts';
import { linkProgram } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { anyScenarioText, deckScenario, deckWithoutNumbers } from './scenario-samples.ts';

const catalogue: ScenarioCatalogue = {
  commands: [
    {
      name: 'start_load',
      parameters: [{ name: 'rate', type: 'integer', minimum: 1, default: 100 }],
      hazard: 'none',
      source: 'action',
      daemons: ['INJ'],
    },
    { name: 'stop_load', parameters: [], hazard: 'none', source: 'action', daemons: ['INJ'] },
    { name: 'exec_smoke', parameters: [], hazard: 'none', source: 'action', daemons: ['INJ'] },
    {
      name: 'place_order',
      parameters: [
        { name: 'side', type: 'choice', choices: ['buy', 'sell'] },
        { name: 'quantity', type: 'number' },
        { name: 'wait', type: 'duration', default: '1s', maximum: 60_000 },
        { name: 'urgent', type: 'boolean', default: false },
      ],
      hazard: 'none',
      source: 'action',
      daemons: ['INJ'],
    },
    { name: 'rotate', parameters: [], hazard: 'none', source: 'action', daemons: ['MON', 'INJ'] },
    { name: 'report', parameters: [{ name: 'text', type: 'string' }], hazard: 'none', source: 'plugin', daemons: [] },
    { name: 'smoke', parameters: [], hazard: 'none', source: 'alias', daemons: ['INJ'] },
  ],
  components: [
    {
      name: 'MatchingEnginePrimary',
      daemons: ['MEP'],
      states: ['READY', 'STANDBY'],
      commands: ['kill', 'signal', 'start', 'status'],
      signals: ['KILL', 'TERM'],
      metrics: [
        { name: 'rss', unit: 'bytes' },
        { name: 'cpu', unit: '%' },
        { name: 'latency', unit: 'ms' },
        { name: 'orders', unit: 'count' },
        { name: 'book{side="buy"}', unit: 'none' },
        { name: 'traffic', unit: 'bytes per second' },
      ],
    },
    { name: 'Gateway', daemons: ['MEP', 'MON'], states: [], commands: [], signals: [], metrics: [] },
  ],
};

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly at: string;
  readonly mended: string | undefined;
}

/** Problems of the checker; the text must be without errors of syntax. `others` are scenarios that it may call. */
function check(text: string, known: ScenarioCatalogue | null = catalogue, others: Record<string, string> = {}): Found[] {
  const texts: Record<string, string> = { main: text, ...others };
  const linked = linkProgram('main', (name) => (texts[name] === undefined ? undefined : parseScenario(name, texts[name])));
  expect(linked.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return checkScenario(linked.program, known ?? undefined).map(({ code, severity, range, fix, file }) => {
    const source = texts[file ?? '']!;
    return {
      code,
      severity,
      at: source.slice(range.start.offset, range.end.offset),
      mended: fix && source.slice(0, fix.range.start.offset) + fix.replacement + source.slice(fix.range.end.offset),
    };
  });
}

const codesOf = (found: readonly Found[]) => found.map(({ code }) => code);

describe('sound scenarios', () => {
  test.each([
    ["the deck's scenario", deckScenario],
    ["the deck's scenario without numbers", deckWithoutNumbers],
    [
      'one with a bit of everything',
      `---
parameters: { rate: 5 }
---
defer stop_load
start_load #{rate}
start_load rate=5
place_order sell 5 10s yes
place_order quantity=1.5 side=buy
smoke with any words
report 'all is well'
on error from MatchingEnginePrimary goto lost
expect MatchingEnginePrimary.STATE == READY within 5s for 1s
expect MatchingEnginePrimary.STATE != CRASHED
expect MatchingEnginePrimary.rss < 500MB and 80% > MatchingEnginePrimary.cpu or MatchingEnginePrimary.latency <= 5ms
expect MatchingEnginePrimary.orders > 100 and MatchingEnginePrimary.book < 5 and MatchingEnginePrimary.traffic < 5MB
expect MatchingEnginePrimary.book{side="buy"} > 0
kill -9 MatchingEnginePrimary
kill MatchingEnginePrimary
kill -s TERM MatchingEnginePrimary
signal SIGTERM MatchingEnginePrimary
kill -#{signal} #{component}
prompt signal 'Which?' 9 15 default 9
set component = MatchingEnginePrimary
echo #{release} #{unique.account} #{MatchingEnginePrimary.STATE} #{MatchingEnginePrimary.rss}
repeat 3
  wait 1s
end
label again
wait event failover within 5s
if #{component} matches '^Match.*' then goto again
off
exit pass
label lost
exit fail connection lost`,
    ],
  ])('%s', (_, text) => {
    expect(check(text)).toEqual([]);
    expect(check(text, null)).toEqual([]);
  });

  test('without a catalogue no name of the environment is judged', () => {
    expect(check('anything at all\nkill -77 Nobody\nexpect Nobody.rss < 5 and Nobody.STATE == SLEEPY', null)).toEqual([]);
  });
});

describe('labels and blocks', () => {
  test.each<[string, string, string, string, string?]>([
    ['goto pas\nlabel pass\ngoto pass', 'unknown-label', 'error', 'pas', 'goto pass\nlabel pass\ngoto pass'],
    ['label a\nexit\nlabel a\nif #{release} == 1 then goto a', 'duplicate-label', 'error', 'a'],
    ['echo a\nlabel unused', 'unused-label', 'warning', 'label unused'],
    ['repeat 3\necho a', 'repeat-without-end', 'error', 'repeat 3'],
    ['echo a\nend', 'end-without-repeat', 'error', 'end'],
    ['if #{release} == 1 then goto in\nrepeat 2\nlabel in\necho a\nend', 'goto-into-repeat', 'warning', 'in'],
    ['exit\necho a\necho b', 'unreachable-step', 'warning', 'echo a'],
    ['goto z\necho a\nlabel z', 'unreachable-step', 'warning', 'echo a'],
    ['if #{release} == 1 then exit else exit\necho a', 'unreachable-step', 'warning', 'echo a'],
  ])('%j: %s', (text, code, severity, at, mended) => {
    const found = check(text).filter((problem) => problem.code === code);
    expect(found).toMatchObject([{ severity, at }]);
    expect(found[0]!.mended).toBe(mended);
  });

  test('the label that was meant by a misspelt one is not called unused', () => {
    expect(codesOf(check('goto pss\nlabel pass'))).toEqual(['unknown-label']);
  });

  test('an unknown label in an `on` and in branches', () => {
    expect(codesOf(check('on error goto a\nif #{release} == 1 then goto b else goto c'))).toEqual(Array(3).fill('unknown-label'));
  });

  test('a jump within a repeat, or out of it, is fine', () => {
    expect(check('repeat 2\nlabel a\nwait 1s\nif #{release} == 1 then goto a\nif #{release} == 2 then goto out\nend\nlabel out')).toEqual(
      [],
    );
  });

  test('each stretch of unreachable steps is told of once', () => {
    expect(check('goto a\necho 1\necho 2\nlabel a\nexit\necho 3\nrepeat 2\necho 4\nend')).toMatchObject([
      { at: 'echo 1' },
      { at: 'echo 3' },
    ]);
  });
});

describe('loops', () => {
  test.each([
    ['never left', 'label a\nwait 1s\ngoto a'],
    ['of one step', 'label a\ngoto a'],
    ['without a pause', 'label a\nif MatchingEnginePrimary.STATE == READY then goto b\ngoto a\nlabel b'],
    ['inside a repeat', 'repeat 3\nlabel a\nwait 1s\ngoto a\nend'],
    ['although a handler is there, since nothing happens in it', 'on error goto b\nlabel a\necho a\ngoto a\nlabel b'],
  ])('%s', (_, text) => {
    expect(codesOf(check(text).filter(({ code }) => code === 'endless-loop'))).toEqual(['endless-loop']);
  });

  test.each([
    ['left by a condition', 'label a\nwait 1s\nif MatchingEnginePrimary.STATE != READY then goto a'],
    ['left by exit', 'label a\nset x exec_smoke\nif #{x} == PASS then exit pass\ngoto a'],
    ['left by a handler', 'on error goto b\nlabel a\nwait 1s\ngoto a\nlabel b'],
    ['bounded by the timeout', '---\ntimeout: 1m\n---\nlabel a\nwait 1s\ngoto a'],
    ['counted', 'repeat 1000\nstop_load\nend'],
  ])('no complaint: %s', (_, text) => {
    expect(check(text).filter(({ code }) => code === 'endless-loop')).toEqual([]);
  });
});

describe('commands where no environment is known', () => {
  const checkAlone = (text: string) =>
    checkScenario({ root: 'main', scenarios: new Map([['main', parseScenario('main', text).scenario]]) }, undefined).map(
      ({ severity, code, tip, fix }) => [severity, code, tip, fix?.replacement],
    );

  test.each([
    ['expct A == 1', 'expect'],
    ['wiat 1s', 'wait'],
    ['defer kill A\nprmpt Ready', 'prompt'],
    ['if #{release} == 1 then ecoh hello', 'echo'],
  ])('%s is probably a slip of the keys', (text, keyword) => {
    expect(checkAlone(text)).toEqual([['warning', 'misspelt-keyword', `Did you mean \`${keyword}\`?`, keyword]]);
  });

  test.each(['start_load', 'send order', 'report', 'sets', 'onn', "'expct' A", 'kill -9 A', 'start A', 'exec_smoke'])(
    'no complaint: %s',
    (text) => {
      expect(checkAlone(text)).toEqual([]);
    },
  );
});

describe('commands', () => {
  test.each<[string, string, string, string?]>([
    ['strat_load', 'unknown-command', 'strat_load', 'start_load'],
    ['kil -9 MatchingEnginePrimary', 'unknown-command', 'kil', 'kill -9 MatchingEnginePrimary'],
    ['Echo hello', 'keyword-case', 'Echo', 'echo hello'],
    ['defer nonsense', 'unknown-command', 'nonsense'],
    ['set x nonsense', 'unknown-command', 'nonsense'],
    ['if #{release} == 1 then nonsense', 'unknown-command', 'nonsense'],
    ['rotate', 'ambiguous-command', 'rotate'],
    ['start_load fast', 'bad-argument', 'fast'],
    ['start_load 0', 'bad-argument', '0'],
    ['start_load 1 2', 'too-many-arguments', '2'],
    ['stop_load now', 'too-many-arguments', 'now'],
    ['start_load rate=1 rate=2', 'duplicate-parameter', 'rate=2'],
    ['place_order', 'missing-argument', 'place_order'],
    ['place_order buy', 'missing-argument', 'place_order buy'],
    ['place_order hold 5', 'bad-argument', 'hold'],
    ['place_order side=hold quantity=5', 'bad-argument', 'side=hold'],
    ['place_order buy much', 'bad-argument', 'much'],
    ['place_order buy 5 soon', 'bad-argument', 'soon'],
    ['place_order buy 5 2m', 'bad-argument', '2m'],
    ['place_order buy 5 1s perhaps', 'bad-argument', 'perhaps'],
    ['kill', 'missing-argument', 'kill'],
    ['kill -9', 'missing-argument', 'kill -9'],
    ['signal', 'missing-argument', 'signal'],
    ['signal TERM', 'missing-argument', 'signal TERM'],
    ['kill -9 MatchingEnginePrimary now', 'too-many-arguments', 'now'],
    ['kill -9 MatchingEngineprimary', 'unknown-component', 'MatchingEngineprimary', 'kill -9 MatchingEnginePrimary'],
    ['stop MatchingEnginePrimary', 'command-not-allowed', 'stop MatchingEnginePrimary'],
    ['kill -HUP MatchingEnginePrimary', 'unknown-signal', '-HUP'],
    ['kill -TREM MatchingEnginePrimary', 'unknown-signal', '-TREM', 'kill -TERM MatchingEnginePrimary'],
    ['kill -1 MatchingEnginePrimary', 'unknown-signal', '-1'],
  ])('%s: %s', (text, code, at, mended) => {
    const found = check(text);
    expect(found).toMatchObject([{ code, at, severity: 'error' }]);
    expect(found[0]!.mended).toBe(mended);
  });

  test('words that are only known at run time fit everywhere', () => {
    expect(
      check(
        'start_load #{release}\nplace_order #{release} #{release} wait=#{release}\n#{release} a b\nkill -#{release} MatchingEnginePrimary',
      ),
    ).toEqual([]);
  });

  test('two daemons that claim one component', () => {
    expect(codesOf(check('status Gateway')).toSorted()).toEqual(['ambiguous-component', 'command-not-allowed']);
  });
});

describe('conditions', () => {
  test.each<[string, string, string, string, string?]>([
    ['expect Nobody.STATE == READY', 'unknown-component', 'error', 'Nobody'],
    ['echo #{MatchingEnginPrimary.rss}', 'unknown-component', 'error', 'MatchingEnginPrimary', 'echo #{MatchingEnginePrimary.rss}'],
    ['wait error from Nobody', 'unknown-component', 'error', 'Nobody'],
    ['expect MatchingEnginePrimary.latncy < 5ms', 'unknown-metric', 'warning', 'latncy', 'expect MatchingEnginePrimary.latency < 5ms'],
    ['expect MatchingEnginePrimary.book{side="sell"} > 5', 'unknown-metric', 'warning', 'book'],
    ['echo #{MatchingEnginePrimary.lag}', 'unknown-metric', 'warning', 'lag'],
    ['expect MatchingEnginePrimary.STATE == REDY', 'unknown-state', 'error', 'REDY', 'expect MatchingEnginePrimary.STATE == READY'],
    [
      "expect 'STANDBYE' != MatchingEnginePrimary.STATE",
      'unknown-state',
      'error',
      "'STANDBYE'",
      "expect 'STANDBY' != MatchingEnginePrimary.STATE",
    ],
    ['expect MatchingEnginePrimary.STATE == 5', 'unit-mismatch', 'error', '5'],
    ['expect MatchingEnginePrimary.STATE < READY', 'not-a-number', 'error', 'MatchingEnginePrimary.STATE'],
    ['expect #{MatchingEnginePrimary.STATE} > 5', 'not-a-number', 'error', '#{MatchingEnginePrimary.STATE}'],
    ['expect not MatchingEnginePrimary.STATE >= 5', 'not-a-number', 'error', 'MatchingEnginePrimary.STATE'],
    ['wait MatchingEnginePrimary.rss < small', 'not-a-number', 'error', 'small'],
    ["if 'rc2' > #{release} then echo newer", 'not-a-number', 'error', "'rc2'"],
    ["if #{release} > '' then echo newer", 'not-a-number', 'error', "''"],
    ['expect #{release} > 1,000', 'not-a-number', 'error', '1,000'],
    ['expect #{release} > 0x10', 'not-a-number', 'error', '0x10'],
    ['expect #{unique.account} > 5', 'not-a-number', 'error', '#{unique.account}'],
    ['set word = abc\nexpect #{word} < 100', 'not-a-number', 'warning', '#{word}'],
    ["prompt word 'Which?' yes no\nexpect #{word} < 100", 'not-a-number', 'warning', '#{word}'],
    ['expect MatchingEnginePrimary.rss != READY', 'not-a-number', 'error', 'READY'],
    ["expect 'READY' == MatchingEnginePrimary.rss", 'not-a-number', 'error', "'READY'"],
    ['expect MatchingEnginePrimary.rss < 500ms', 'unit-mismatch', 'error', '500ms'],
    ['expect 500ms > MatchingEnginePrimary.rss', 'unit-mismatch', 'error', '500ms'],
    ["expect MatchingEnginePrimary.rss < '15%'", 'unit-mismatch', 'error', "'15%'"],
    ['expect MatchingEnginePrimary.rss < 500', 'unit-mismatch', 'warning', '500'],
    ['expect MatchingEnginePrimary.orders < 5s', 'unit-mismatch', 'warning', '5s'],
    ['expect 5s < 5MB', 'unit-mismatch', 'error', '5s'],
    ['expect MatchingEnginePrimary.rss < MatchingEnginePrimary.latency', 'unit-mismatch', 'error', 'MatchingEnginePrimary.latency'],
    ["expect #{release} matches '(open'", 'bad-pattern', 'error', "'(open'"],
    ['expect error from MatchingEnginePrimary for 5s', 'event-cannot-hold', 'error', '5s'],
  ])('%s: %s', (text, code, severity, at, mended) => {
    const found = check(text);
    expect(found).toMatchObject([{ code, severity, at }]);
    expect(found[0]!.mended).toBe(mended);
  });

  test.each([
    'expect MatchingEnginePrimary.rss > 1e9B',
    'expect MatchingEnginePrimary.latency < 2.5e-1s',
    'set word = abc\nset word = 5\nexpect #{word} < 100',
    'set word start_load\nexpect #{word} < 100',
    "prompt word 'How many?'\nexpect #{word} < 100",
    'expect #{release} > 2733382000000000049',
    "expect '500' < #{release}",
  ])('nothing is said against: %s', (text) => {
    expect(check(text)).toEqual([]);
  });
});

describe('variables, calls, prompts, exits', () => {
  test.each<[string, string, string, string, string?]>([
    ['set status exec_smoke\necho #{statu}', 'unknown-variable', 'warning', '#{statu}', 'set status exec_smoke\necho #{status}'],
    ['if #{never} == 1 then exit', 'unknown-variable', 'warning', '#{never}'],
    ['start_load #{never}', 'unknown-variable', 'warning', '#{never}'],
    ['repeat #{never}\nend', 'unknown-variable', 'warning', '#{never}'],
    ['exit fail #{never}', 'unknown-variable', 'warning', '#{never}'],
    ["prompt x '#{never}?'", 'unknown-variable', 'warning', '#{never}'],
    ['set release = rc1', 'reserved-variable', 'error', 'release'],
    ["prompt x 'a?' yes no default maybe", 'prompt-fallback', 'warning', 'maybe'],
    ['exit FAIL', 'odd-verdict', 'warning', 'FAIL', 'exit fail'],
    ['exit failed: too slow', 'odd-verdict', 'warning', 'failed:', 'exit fail too slow'],
    ['exit 1', 'odd-verdict', 'warning', '1', 'exit fail'],
  ])('%j: %s', (text, code, severity, at, mended) => {
    const found = check(text);
    expect(found).toMatchObject([{ code, severity, at }]);
    expect(found[0]!.mended).toBe(mended);
  });

  test('a variable may be set anywhere in the program', () => {
    expect(check('call other\necho #{x}', catalogue, { other: 'set x = 1' })).toEqual([]);
  });

  test('a reason that is no verdict is no problem', () => {
    expect(check("if #{release} == 1 then exit 'FAIL' else exit nothing to do")).toEqual([]);
  });

  const other = '---\nparameters:\n  account:\n  rate: 5\n---\necho #{account} #{rate}';
  test.each([
    ['call other', 'missing-argument', 'call other'],
    ['call other acount=1', 'unknown-parameter', 'acount'],
    ['call other account=1 account=2', 'duplicate-parameter', 'account'],
  ])('%s: %s', (text, code, at) => {
    expect(check(text, catalogue, { other })).toContainEqual(expect.objectContaining({ code, at, severity: 'error' }));
  });

  test('parameters with a default need not be given', () => {
    expect(check('call other account=1\ncall other account=2 rate=#{release}', catalogue, { other })).toEqual([]);
  });
});

describe('whatever the text', () => {
  test('the checker returns, with problems in reading order', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const program = { root: 'any', scenarios: new Map([['any', parseScenario('any', text).scenario]]) };
        const offsets = checkScenario(program, catalogue).map(({ range }) => range.start.offset);
        expect(offsets).toEqual(offsets.toSorted((left, right) => left - right));
      }),
      { seed: 20_261_120, numRuns: 700 },
    );
  });

  test.each([
    [
      'jumps',
      Array.from({ length: 20_000 }, (_, index) => `label a${index}\nif #{x} == 1 then goto a${(index * 7_919) % 20_000}`).join('\n'),
    ],
    ['blocks in blocks', `${'repeat 2\n'.repeat(30_000)}goto a\nlabel a\n${'end\n'.repeat(30_000)}`],
    ['wrong names', Array.from({ length: 20_000 }, (_, index) => `nonsense${index}`).join('\n')],
  ])('a large scenario of %s is checked in bounded time', (_, text) => {
    const program = { root: 'large', scenarios: new Map([['large', parseScenario('large', text).scenario]]) };
    const started = performance.now();
    checkScenario(program, catalogue);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
