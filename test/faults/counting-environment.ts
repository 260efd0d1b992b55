/** An environment without network for the fault tests: every command succeeds at once and is told to whoever watches. */
import { FakeLink, daemon, environment as name } from '../main/core/engine/fakes.ts';
import type { EnvironmentSource } from '#main/core/environments/access.ts';

const commands = ['count', 'exec', 'undo'];

/** `sent` is told of each command before it is answered; `count` answers 1, 2, 3 …  */
export function countingEnvironment(sent: (words: readonly string[], command: string) => void): EnvironmentSource {
  const link = new FakeLink();
  let counted = 0;
  link.answer = (given) => {
    sent([given.action, ...given.arguments], given.command);
    given.finish({ result: given.action === 'count' ? String(++counted) : '' });
  };
  const description = {
    name,
    router: 'nats://127.0.0.1:1',
    operator: 'alice',
    folder: '.',
    scenarioFolder: null,
    expected: [],
    limits: [],
    release: null,
  };
  const plugins = {
    commands: [],
    problems: [],
    dispose: () => undefined,
    execute: () => {
      throw new Error('there are no plugins here');
    },
  };
  const parameters = [{ name: 'number', type: 'string', default: '' }] as const;
  return {
    describe: async () => description,
    offlineCatalogue: async () => null,
    open: async () => ({
      description,
      link,
      plugins,
      catalogue: () => ({
        commands: commands.map((each) => ({ name: each, parameters, hazard: 'none', source: 'action', daemons: [daemon] })),
        components: [],
      }),
      resolve: ([action = '', ...words]) => ({ kind: 'daemon', daemon, action, arguments: words }),
      drift: async () => null,
      pin: async () => '',
      dispose: () => undefined,
    }),
  };
}
