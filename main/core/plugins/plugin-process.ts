/**
 * The process in which one plugin file runs. Started by the plugin host with a minimal environment and Node's permission
 * model, within a sandbox where there is one; told what to do over file descriptor 3. It ends when that channel closes, so it
 * never outlives the core.
 */
import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import { setUpHurdles } from './plugin-hurdles.ts';

interface Definition {
  readonly name?: unknown;
  readonly help?: unknown;
  readonly parameters?: unknown;
  readonly hazard?: unknown;
  readonly timeout?: unknown;
  readonly run?: unknown;
}
interface Call {
  readonly controller: AbortController;
}

/** Node has it; TypeScript does not know it yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

const channel = new Socket({ fd: 3 });
const network = setUpHurdles();
const calls = new Map<number, Call>();
const readings = new Map<number, (value: string | number | null) => void>();
let definitions: readonly Definition[] = [];
let lastReading = 0;

function tell(message: object): void {
  channel.write(`${JSON.stringify(message)}\n`);
}

function messageOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 4_000);
}

function read(call: number, name: string): Promise<string | number | null> {
  const request = ++lastReading;
  tell({ kind: 'read', call, request, name });
  return new Promise((resolve) => readings.set(request, resolve));
}

/** Whether a result says how it went by itself; any other object is the result, as JSON. */
function isDetailed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && ('success' in value || 'result' in value || 'message' in value);
}

/** A result as text. A number that is not what the plugin meant is a failure: its digits are lost, or it is none. */
function resultText(result: unknown): string {
  if (typeof result === 'string') return result;
  if (result === null || result === undefined) return '';
  const written = (_key: string, value: unknown) => (typeof value === 'bigint' ? rawJSON(String(value)) : exactNumber(value));
  // Nothing, for example, of a function.
  const text: string | undefined = JSON.stringify(result, written);
  return text ?? '';
}

function exactNumber(value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))) return value;
  throw new Error(
    Number.isFinite(value)
      ? `The result ${value} is beyond what a JavaScript number tells to the last digit; return it as a text or a BigInt.`
      : `The result ${value} is no number that can be compared; return a text, or throw.`,
  );
}

function finish(call: number, value: unknown): void {
  const detailed = isDetailed(value) ? value : { result: value };
  const { success = true, result = '', message = null } = detailed;
  const text = resultText(result);
  tell({
    kind: 'finished',
    call,
    success: success !== false,
    result: text.slice(0, 65_536),
    message: message === null ? null : messageOf(message),
  });
}

interface Execution {
  readonly call: number;
  readonly name: string;
  readonly run: string | null;
  readonly release: string;
  readonly arguments: object;
}

async function execute(order: Execution): Promise<void> {
  const controller = new AbortController();
  calls.set(order.call, { controller });
  try {
    const definition = definitions.find((each) => each.name === order.name);
    if (typeof definition?.run !== 'function') throw new Error(`The plugin has no command '${order.name}'.`);
    const context = {
      run: order.run,
      release: order.release,
      signal: controller.signal,
      read: (name: unknown) => read(order.call, String(name)),
      print: (text: unknown) => tell({ kind: 'output', call: order.call, text: String(text).slice(0, 100_000) }),
    };
    finish(order.call, await (definition.run as (context: object, values: object) => unknown)(context, order.arguments));
  } catch (thrown) {
    tell({ kind: 'finished', call: order.call, success: false, result: '', message: messageOf(thrown) });
  } finally {
    calls.delete(order.call);
  }
}

type Order =
  | ({ readonly kind: 'execute' } & Execution)
  | { readonly kind: 'cancel'; readonly call: number }
  | { readonly kind: 'reading'; readonly request: number; readonly value: string | number | null };

function obey(order: Order): void {
  switch (order.kind) {
    case 'execute':
      network.open();
      void execute(order);
      break;
    case 'cancel':
      calls.get(order.call)?.controller.abort(new Error('The step was given up.'));
      break;
    case 'reading':
      readings.get(order.request)?.(order.value);
      readings.delete(order.request);
      break;
  }
}

let pending = '';
channel.setEncoding('utf8');
channel.on('data', (text: string) => {
  const lines = (pending + text).split('\n');
  pending = lines.pop() ?? '';
  for (const line of lines) obey(JSON.parse(line) as Order);
});
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));

try {
  const module = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { readonly default?: unknown };
  if (module.default === undefined) throw new Error('it has no default export; write `export default { name, run }`');
  definitions = (Array.isArray(module.default) ? module.default : [module.default]) as readonly Definition[];
  const commands = definitions.map(({ name, help, parameters, hazard, timeout, run }) => ({
    name,
    help,
    parameters,
    hazard,
    timeout,
    runs: typeof run === 'function',
  }));
  tell({ kind: 'loaded', commands });
} catch (thrown) {
  tell({ kind: 'not-loaded', message: messageOf(thrown) });
}
