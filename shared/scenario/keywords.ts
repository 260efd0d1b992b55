/**
 * The words that begin a statement, in one place: how each is written, what it does, and what may be written behind it.
 * Parser, checker, completion and help all ask here.
 */

export interface StatementForm {
  /** Shown in lists: `wait condition within time`. */
  readonly title: string;
  /** With `${1:place}` for what is to be filled in, as editors know them. */
  readonly snippet: string;
  readonly help: string;
}

export interface StatementWord {
  readonly usage: string;
  readonly help: string;
  /** What comes right behind the word. */
  readonly takes:
    | 'nothing'
    | 'free text'
    | 'new name'
    | 'label'
    | 'scenario'
    | 'verdict'
    | 'command'
    | 'value or command'
    | 'condition'
    | 'condition or event';
  /** Words that may follow the condition or event. */
  readonly thenWords?: readonly string[];
  /** It has a line to itself: it cannot stand after `then` and `else`. */
  readonly wholeLine?: true;
  /** Suggested to whoever begins a statement. */
  readonly forms: readonly StatementForm[];
}

// The `$` of a snippet's places must not be read as a template's, hence plain quotes.
const table = {
  set: {
    usage: 'set name command… | set name = value',
    help: 'Keeps the result of a command, whatever its exit status, or a value, for use as `#{name}`.',
    takes: 'value or command',
    forms: [
      { title: 'set name command', snippet: 'set ${1:name} ${2:command}', help: 'Executes the command and keeps its result.' },
      { title: 'set name = value', snippet: "set ${1:name} = '${2:value}'", help: 'Keeps a value.' },
    ],
  },
  if: {
    usage: 'if condition then statement [else statement]',
    help: 'Executes one statement where the condition holds now, and the other where it does not.',
    takes: 'condition',
    thenWords: ['then'],
    wholeLine: true,
    forms: [
      { title: 'if … then goto', snippet: 'if ${1:condition} then goto ${2:label}', help: 'Goes on at a label where the condition holds.' },
      { title: 'if … then … else', snippet: 'if ${1:condition} then ${2:statement} else ${3:statement}', help: 'Either or.' },
    ],
  },
  label: {
    usage: 'label name',
    help: 'A place that `goto` and `on` go to; not a step by itself.',
    takes: 'new name',
    wholeLine: true,
    forms: [{ title: 'label name', snippet: 'label ${1:name}', help: 'A place to go to.' }],
  },
  goto: {
    usage: 'goto label',
    help: 'Goes on at the label.',
    takes: 'label',
    forms: [{ title: 'goto label', snippet: 'goto ${1:label}', help: 'Goes on at the label.' }],
  },
  repeat: {
    usage: 'repeat N … end',
    help: 'Executes the steps up to its `end` N times (0 to 1000000, or a variable); blocks may be nested.',
    takes: 'free text',
    wholeLine: true,
    forms: [{ title: 'repeat N … end', snippet: 'repeat ${1:3}\n  ${0}\nend', help: 'Repeats the steps between.' }],
  },
  end: {
    usage: 'end',
    help: 'Ends the block of the last open `repeat`.',
    takes: 'nothing',
    wholeLine: true,
    forms: [{ title: 'end', snippet: 'end', help: 'Ends the block.' }],
  },
  echo: {
    usage: 'echo text',
    help: 'Writes a text into the log of the run. `PASS` or `FAIL` alone decides the verdict where nothing else did.',
    takes: 'free text',
    forms: [{ title: 'echo text', snippet: 'echo ${1:text}', help: 'Writes a text into the log of the run.' }],
  },
  note: {
    usage: 'note text',
    help: 'Writes a text into the log and marks the moment on the time axis.',
    takes: 'free text',
    forms: [{ title: 'note text', snippet: 'note ${1:text}', help: 'Marks the moment on the time axis.' }],
  },
  wait: {
    usage: 'wait 5s | wait condition [within time]',
    help: 'Waits for a time, or until a condition holds or an event happens; timed out when it does not come in time.',
    takes: 'condition or event',
    thenWords: ['within'],
    forms: [
      {
        title: 'wait condition within',
        snippet: 'wait ${1:Component}.STATE == ${2:READY} within ${3:30s}',
        help: 'Waits until the condition holds.',
      },
      { title: 'wait time', snippet: 'wait ${1:5s}', help: 'Waits for a time.' },
    ],
  },
  expect: {
    usage: 'expect condition [within time] [for time]',
    help: 'A check that counts toward the verdict. `within`: it may take so long; `for`: it must hold so long.',
    takes: 'condition or event',
    thenWords: ['within', 'for'],
    forms: [
      { title: 'expect condition', snippet: 'expect ${1:condition}', help: 'The condition must hold now.' },
      {
        title: 'expect … within … for',
        snippet: 'expect ${1:condition} within ${2:5s} for ${3:10s}',
        help: 'The condition must come to hold, and stay.',
      },
      { title: 'expect crash of', snippet: 'expect crash of ${1:Component} within ${2:1s}', help: 'The component must crash.' },
    ],
  },
  on: {
    usage: 'on condition-or-event goto label',
    help: 'From here on, goes to the label when the condition comes to hold or the event happens, while other steps run.',
    takes: 'condition or event',
    thenWords: ['goto'],
    forms: [
      {
        title: 'on error from … goto',
        snippet: 'on error from ${1:Component} goto ${2:label}',
        help: 'Reacts to an error in the log of a component.',
      },
      { title: 'on condition goto', snippet: 'on ${1:condition} goto ${2:label}', help: 'Reacts when the condition comes to hold.' },
    ],
  },
  off: {
    usage: 'off [condition-or-event]',
    help: 'Takes reactions away: the one with this trigger, or all of this scenario.',
    takes: 'condition or event',
    forms: [{ title: 'off', snippet: 'off', help: 'Takes all reactions of this scenario away.' }],
  },
  defer: {
    usage: 'defer command…',
    help: 'Guaranteed undo: the command runs at the end, in reverse order, also after failure, stop, or a crash of the console.',
    takes: 'command',
    forms: [{ title: 'defer command', snippet: 'defer ${1:command}', help: 'Runs the command at the end, whatever happens.' }],
  },
  prompt: {
    usage: "prompt name 'question' [choices…] [default value]",
    help: 'Asks the operator and keeps the answer. Where nobody can answer, the default is taken.',
    takes: 'new name',
    forms: [
      {
        title: 'prompt name question',
        snippet: "prompt ${1:answer} '${2:question}' ${3:yes} ${4:no} default ${5:yes}",
        help: 'Asks the operator.',
      },
    ],
  },
  call: {
    usage: 'call scenario [name=value…]',
    help: 'Executes another scenario with its parameters set, and comes back. Variables, verdict and deferred commands are shared.',
    takes: 'scenario',
    forms: [{ title: 'call scenario', snippet: 'call ${1:scenario}', help: 'Executes another scenario.' }],
  },
  exit: {
    usage: 'exit [pass|fail] [reason]',
    help: 'Ends the run, from called scenarios too.',
    takes: 'verdict',
    forms: [{ title: 'exit', snippet: 'exit ${1|pass,fail|} ${2:reason}', help: 'Ends the run with a verdict.' }],
  },
} as const satisfies Readonly<Record<string, StatementWord>>;

/** A first word that begins a statement of the language; any other first word is a command. */
export type Keyword = keyof typeof table;
/** Begins a statement that cannot stand within another. */
export type WholeLineKeyword = { [Word in Keyword]: (typeof table)[Word] extends { wholeLine: true } ? Word : never }[Keyword];

export const statementWords: Readonly<Record<Keyword, StatementWord>> = table;
export const keywords = Object.keys(table) as readonly Keyword[];

/** Whether a word begins a statement of the language, and is no command. */
export function isKeyword(word: string | null): word is Keyword {
  return word !== null && Object.hasOwn(table, word);
}

/** Whether the statement of a word cannot stand behind `then` or `else`. */
export function needsWholeLine(word: string | null): word is WholeLineKeyword {
  return isKeyword(word) && statementWords[word].wholeLine === true;
}

/** Whether a condition (perhaps an event) follows the word; a parenthesis may then touch it. */
export function takesCondition(word: string): word is Keyword {
  return isKeyword(word) && ['condition', 'condition or event'].includes(statementWords[word].takes);
}

/** Words inside statements. */
export const innerWordHelp: ReadonlyMap<string, string> = new Map([
  ['then', 'What follows is executed where the condition holds.'],
  ['else', 'What follows is executed where the condition does not hold.'],
  ['within', 'The longest time to wait for the condition or event.'],
  ['for', 'The time for which the condition must hold without a break.'],
  ['default', 'The answer where nobody can be asked.'],
  ['error', 'A line with severity error in the log of a component.'],
  ['crash', 'A component’s process ended without having been told to.'],
  ['event', 'An event that a log rule of a daemon gives a name.'],
  ['and', 'Holds where both sides hold.'],
  ['or', 'Holds where one side holds at least.'],
  ['not', 'Holds where the condition does not.'],
  ['contains', 'Holds where the text on the left has the one on the right in it.'],
  ['matches', 'Holds where the pattern on the right (RE2) is found in the text on the left.'],
  ['pass', 'The run passes.'],
  ['fail', 'The run fails.'],
]);
