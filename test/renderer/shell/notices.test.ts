/** Notices: what asks for nothing goes by itself, what can be acted on stays; all go at once. */
import { expect, test } from 'vitest';
import { createSession, errorLifetime } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';

const session = new Stores().get(createSession);
const { dismissNotices, notify } = session;
const problem = { severity: 'error', code: 'refused', message: 'It was refused.' } as const;
const shown = () => session.getState().notices;

test('an error goes by itself, one with an action stays until it is dismissed', () => {
  notify(problem);
  notify(problem, { action: { title: 'Undo', perform: () => {} } });
  notify(problem, { lifetime: 5 });
  expect(shown().map(({ lifetime }) => lifetime)).toEqual([errorLifetime, undefined, 5]);
  dismissNotices();
  expect(shown()).toEqual([]);
});
