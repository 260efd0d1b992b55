/** Each statement of the language, executed: commands, variables, flow, calls, prompts. */
import { describe, expect, test } from 'vitest';
import { MachineDriver, outcome, programOf } from './machine-driver.ts';

const play = (text: string, options: ConstructorParameters<typeof MachineDriver>[1] = {}) => new MachineDriver(text, options).run();

describe('commands', () => {
  test.each([
    [outcome(), 'passed', null],
    [outcome({ exitStatus: 3, success: false }), 'failed', 'The command ended with exit status 3.'],
    [outcome({ exitStatus: null, signal: 'KILL', success: false }), 'failed', 'The command ended by signal KILL.'],
    [outcome({ status: 'timed out', success: false }), 'timed out', 'The command did not end in time.'],
    [outcome({ status: 'cancelled', success: false }), 'failed', 'The command was cancelled.'],
    [
      outcome({ status: 'failed to start', success: false, message: 'No such file.' }),
      'error',
      'The command could not be started. No such file.',
    ],
    [{ refused: 'Nobody offers go.' }, 'error', 'Nobody offers go.'],
  ] as const)('%j', (answer, state, message) => {
    const driver = new MachineDriver('go');
    driver.commands['go'] = answer;
    expect(driver.run().of('step-finished')[0]).toMatchObject({ state, message });
  });

  test('get their words one by one, a value with spaces staying one', () => {
    const driver = play("set who = 'Ann Lee'\ngreet #{who} 'good day' to-#{who}");
    expect(driver.of('execute')[0]?.words).toEqual(['greet', 'Ann Lee', 'good day', 'to-Ann Lee']);
  });

  test('set keeps the result whatever the exit status, for the scenario decides by the value', () => {
    const driver = new MachineDriver("set answer ask\nif #{answer} == 'no' then echo it was no");
    driver.commands['ask'] = outcome({ result: 'no', exitStatus: 1, success: false });
    driver.run();
    expect(driver.of('step-finished')[0]).toMatchObject({
      state: 'passed',
      result: 'no',
      message: 'The command ended with exit status 1.',
    });
    expect(driver.of('variable')).toEqual([{ kind: 'variable', name: 'answer', value: 'no' }]);
    expect(driver.echoes()).toEqual(['it was no']);
  });

  test.each(['timed out', 'failed to start', 'cancelled'] as const)('set does not keep the result of a command that %s', (status) => {
    const driver = new MachineDriver('set answer ask');
    driver.commands['ask'] = outcome({ status, success: false, result: 'half' });
    expect(driver.run().of('variable')).toEqual([]);
    expect(driver.states()[0]).not.toBe('passed');
  });

  test('are refused with a word that is empty or too long', () => {
    expect(play("set x = ''\n#{x}").states()).toEqual(['passed', 'error']);
    expect(play('go #{x}', { variables: { x: 'y'.repeat(5_000) } }).states()).toEqual(['error']);
  });
});

describe('interpolation', () => {
  test('knows variables, readings, the release and names unique to the run', () => {
    const driver = new MachineDriver(
      'echo #{x} #{Engine.STATE} #{Engine.rss} #{release} #{unique.account} #{unique.account} #{unique.order}',
      {
        variables: { x: '1' },
      },
    );
    driver.change('Engine.STATE', 'READY');
    driver.change('Engine.rss', 500);
    expect(driver.run().echoes()).toEqual(['1 READY 500 rc1 account-3f9a account-3f9a order-3f9a']);
    expect(driver.of('read')).toEqual([{ kind: 'read', reference: 1, names: ['Engine.STATE', 'Engine.rss'] }]);
  });

  test.each([
    'echo #{nobody}',
    'go #{nobody}',
    'set x = #{nobody}',
    'if #{nobody} == 1 then echo x',
    'expect #{nobody} == 1',
    'wait #{nobody} == 1',
    'label a\non #{nobody} == 1 goto a',
  ])('says which variable has no value: %s', (text) => {
    const [finished] = play(text).of('step-finished');
    expect(finished?.state).toBe('error');
    expect(finished?.message).toMatch(/^The variable 'nobody' has no value\. Give it one with/);
  });

  test('does not take inherited names for variables', () => {
    expect(play('echo #{constructor}').states()).toEqual(['error']);
    expect(play('echo #{__proto__}').states()).toEqual(['error']);
    expect(play('set __proto__ = x\necho #{__proto__}').echoes()).toEqual(['x']);
  });

  test('puts no missing reading into a text', () => {
    expect(play('echo #{Engine.rss}').of('step-finished')[0]).toMatchObject({
      state: 'error',
      message: "'Engine.rss' has no value at present, so it cannot stand in a text.",
    });
  });

  test('bounds a text that doubles itself', () => {
    const driver = play('set x = 0123456789\nrepeat 100\nset x = #{x}#{x}\nend');
    expect(driver.states().at(-1)).toBe('error');
    expect(driver.of('variable').at(-1)!.value.length).toBeLessThanOrEqual(65_536);
  });
});

describe('if', () => {
  test('executes the branch in its own step', () => {
    const driver = play('if 1 == 1 then go yes else go no\nif 1 == 2 then go yes else go no\nif 1 == 2 then go yes');
    expect(driver.executed()).toEqual(['go yes', 'go no']);
    expect(driver.trace()).toEqual([0, 1, 2]);
    expect(driver.of('condition').map(({ condition, form, state }) => [condition, form, state])).toEqual([
      ['main:0', 'if', 'met'],
      ['main:1', 'if', 'not met'],
      ['main:2', 'if', 'not met'],
    ]);
  });

  test('fails with its branch', () => {
    const driver = new MachineDriver('if 1 == 1 then go');
    driver.commands['go'] = outcome({ success: false, exitStatus: 1 });
    expect(driver.run().states()).toEqual(['failed']);
  });

  test('may wait in its branch', () => {
    const driver = new MachineDriver('if 1 == 1 then wait Engine.STATE == READY within 5s');
    driver.after(1_000, () => driver.change('Engine.STATE', 'READY'));
    driver.run();
    expect(driver.states()).toEqual(['passed']);
    expect(driver.of('condition').map(({ condition }) => condition)).toEqual(['main:0', 'main:0:then', 'main:0:then']);
  });
});

describe('loops', () => {
  test('run as often as they are told, one in the other', () => {
    const driver = play('set n = 2\nrepeat #{n}\n  repeat 3\n    echo x\n  end\nend\necho done');
    expect(driver.echoes()).toEqual(['x', 'x', 'x', 'x', 'x', 'x', 'done']);
    expect(driver.outcome()).toBe('passed');
  });

  test('are passed over when told 0', () => {
    expect(play('repeat 0\necho x\nend\necho y').echoes()).toEqual(['y']);
  });

  test('start anew when control comes to them again after a jump out', () => {
    const text =
      'set n = 0\nlabel again\nrepeat 3\necho x\nif #{n} == 0 then goto out\nend\ngoto done\nlabel out\nset n = 1\ngoto again\nlabel done';
    expect(play(text).echoes()).toEqual(['x', 'x', 'x', 'x']);
  });

  test('go on with their round after a jump within them', () => {
    expect(play('repeat 3\ngoto over\necho never\nlabel over\necho x\nend').echoes()).toEqual(['x', 'x', 'x']);
  });

  test('run once where control jumps into them', () => {
    expect(play('goto inside\nrepeat 3\nlabel inside\necho x\nend\necho y').echoes()).toEqual(['x', 'y']);
  });

  test.each(['x', '-1', '1.5', ''])('are an error with the count %j', (n) => {
    expect(play('repeat #{n}\nend', { variables: { n } }).states()).toEqual(['error']);
  });
});

describe('call', () => {
  const called =
    '---\nparameters:\n  host:\n  port: 80\n---\necho #{host}:#{port} #{shared}\nset shared = changed\nset port = 81\necho #{port}';

  test('gives parameters as variables of the called scenario, and shares the others', () => {
    const driver = new MachineDriver(
      programOf({ main: 'set shared = s\nset port = mine\ncall other host=a\necho #{port} #{shared}', other: called }),
    ).run();
    expect(driver.echoes()).toEqual(['a:80 s', '81', 'mine changed']);
    expect(driver.of('step-started').map(({ step }) => `${step.depth} ${step.scenario}:${step.number}`)).toEqual([
      '0 main:0',
      '0 main:1',
      '0 main:2',
      '1 other:0',
      '1 other:1',
      '1 other:2',
      '1 other:3',
      '0 main:3',
    ]);
    // What a parameter hid is told again on return.
    expect(driver.of('variable').at(-1)).toEqual({ kind: 'variable', name: 'port', value: 'mine' });
  });

  test('needs a value for a parameter without default', () => {
    const driver = new MachineDriver(programOf({ main: 'call other', other: called })).run();
    expect(driver.of('step-finished')[0]).toMatchObject({
      state: 'error',
      message: "The scenario 'other' needs a value for 'host': call other host=….",
    });
  });

  test('is an error where there is no such scenario', () => {
    expect(play('call nobody').states()).toEqual(['error']);
  });

  test('may be the last statement of a called scenario, and call an empty one', () => {
    const driver = new MachineDriver(
      programOf({ main: 'repeat 2\ncall a\nend\necho back', a: 'call b', b: 'call c', c: '# nothing' }),
    ).run();
    expect(driver.outcome()).toBe('passed');
    expect(driver.echoes()).toEqual(['back']);
  });

  test('ends the run with an exit inside', () => {
    const driver = new MachineDriver(programOf({ main: 'call a\necho never', a: 'exit fail enough' })).run();
    expect(driver.echoes()).toEqual([]);
    expect(driver.of('finished')[0]).toMatchObject({ outcome: 'failed', reason: 'enough' });
  });

  test('does not go deeper than allowed, should a scenario call itself', () => {
    const driver = new MachineDriver(programOf({ main: 'call main' })).run();
    expect(driver.outcome()).toBe('error');
    expect(driver.state.executions).toBeLessThan(100);
  });
});

describe('goto', () => {
  test('is an error with a label that is not there', () => {
    expect(play('goto nowhere').of('step-finished')[0]?.message).toContain("no label 'nowhere'");
  });

  test('may lead to the end', () => {
    expect(play('goto out\necho never\nlabel out').outcome()).toBe('passed');
  });
});

describe('echo, note, set', () => {
  test('tell what they say', () => {
    const driver = play("set x = 'a b'\necho #{x}\nnote #{x}!");
    expect(driver.effects.filter(({ kind }) => ['echo', 'note', 'variable'].includes(kind))).toEqual([
      { kind: 'variable', name: 'x', value: 'a b' },
      { kind: 'echo', text: 'a b' },
      { kind: 'note', text: 'a b!' },
    ]);
  });
});

describe('prompt', () => {
  test('keeps the answer', () => {
    const driver = new MachineDriver("prompt go 'Go on?' yes no\nif #{go} == yes then echo went");
    driver.answers.push('yes');
    expect(driver.run().echoes()).toEqual(['went']);
    expect(driver.of('prompt')[0]).toMatchObject({ question: 'Go on?', choices: ['yes', 'no'], fallback: null });
  });

  test('asks again after an answer that is none of the choices', () => {
    const driver = new MachineDriver("prompt go 'Go on?' yes no");
    driver.answers.push('maybe', 'no');
    driver.run();
    expect(driver.of('prompt').length).toBe(2);
    expect(driver.state.variables['go']).toBe('no');
  });

  test('takes any answer without choices', () => {
    const driver = new MachineDriver("prompt name 'Who?'");
    driver.answers.push('somebody');
    expect(driver.run().state.variables['name']).toBe('somebody');
  });

  test('takes the default when nobody answers, or is an error without one', () => {
    expect(play("prompt go 'Go on?' yes no default no").state.variables['go']).toBe('no');
    const [finished] = play("prompt go 'Go on?' yes no").of('step-finished');
    expect(finished).toMatchObject({ state: 'error', message: "The question 'Go on?' was not answered: Nobody is there." });
  });
});

describe('wait with a duration', () => {
  test('lets that time pass', () => {
    expect(play('wait 2s\nwait 500ms').time).toBe(2_500);
  });
});

describe('a line that is no statement', () => {
  test('is an error of its step', () => {
    const program = programOf({ main: 'echo x' });
    const scenario = program.scenarios.get('main')!;
    const range = scenario.lines[0]!.statement!.range;
    const lines = [{ line: 0, number: null, comment: null, statement: { kind: 'invalid', text: '???', range } as const }];
    const driver = new MachineDriver({ ...program, scenarios: new Map([['main', { ...scenario, lines }]]) }).run();
    expect(driver.states()).toEqual(['error']);
  });
});
