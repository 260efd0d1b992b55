/**
 * What the plugin process takes from a plugin before its code is loaded: doors that Node's permission model leaves open.
 * It is done in the plugin's own JavaScript world, so it is a hurdle and no wall; where bubblewrap is, that is the wall.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import module, { isBuiltin, registerHooks, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import v8 from 'node:v8';

/** Modules of Node that a plugin may use; what a later Node adds is closed until somebody has looked at it. */
const usable = new Set(
  (
    'assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises ' +
    'events fs fs/promises http http2 https module net os path path/posix path/win32 perf_hooks process punycode querystring readline ' +
    'readline/promises stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls tty url util ' +
    'util/types v8 vm worker_threads zlib'
  ).split(' '),
);

const publicModule = 'data:text/javascript,export const definePlugin = (definition) => definition;';

type Callable = (this: unknown, ...given: unknown[]) => unknown;

/** Whether a plugin may use the network now. */
export class NetworkGate {
  private isOpen = false;

  open(): void {
    this.isOpen = true;
  }

  assertOpen(): void {
    if (!this.isOpen) throw refusal('A plugin has no network while it is loaded; use it in run().');
  }
}

/** Sets the hurdles up; returns the gate of the network, which is closed. */
export function setUpHurdles(): NetworkGate {
  const gate = new NetworkGate();
  // Set by bubblewrap, where it is there.
  delete process.env['PWD'];
  guardModules();
  guardProcesses();
  guardNetwork(gate);
  syncBuiltinESMExports();
  return gate;
}

function refusal(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_ACCESS_DENIED' });
}

function assertUsable(specifier: string): void {
  if (!isBuiltin(specifier) || usable.has(specifier.replace(/^node:/, ''))) return;
  throw refusal(`A plugin may not use the module ${specifier}.`);
}

function guardModules(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'testops-console/plugin') return { url: publicModule, shortCircuit: true };
      assertUsable(specifier);
      return next(specifier, context);
    },
  });
  replace(
    process,
    'getBuiltinModule',
    (original) =>
      function (specifier) {
        assertUsable(String(specifier));
        return original.call(process, specifier);
      },
  );
  // Hooks of its own would come before ours.
  for (const name of ['registerHooks', 'register']) refuse(module, name, `A plugin may not change how modules are found (${name}).`);
  refuse(v8, 'setFlagsFromString', 'A plugin may not change how it is executed (setFlagsFromString).');
}

/** Other processes of the same user: no signals, no debugger, no priority. */
function guardProcesses(): void {
  const own = (what: string, original: Callable): Callable =>
    function (id, ...rest) {
      if (id !== process.pid && !(what === 'setPriority' && (id === 0 || rest.length === 0))) {
        throw refusal(`A plugin may not reach other processes (${what}).`);
      }
      return original.call(this, id, ...rest);
    };
  // process.kill ends in _kill.
  replace(process, '_kill', (original) => own('kill', original));
  replace(os, 'setPriority', (original) => own('setPriority', original));
  for (const name of ['_debugProcess', '_debugEnd']) refuse(process, name, 'A plugin may not reach other processes (debugger).');
}

function guardNetwork(gate: NetworkGate): void {
  const socket = (original: Callable): Callable =>
    function (...given) {
      if (namesSocketFile(given)) throw refusal('A plugin may not use sockets that are files.');
      gate.assertOpen();
      return original.apply(this, given);
    };
  replace(net.Socket.prototype, 'connect', socket);
  replace(net.Server.prototype, 'listen', socket);
  const gated = (original: Callable): Callable =>
    function (...given) {
      gate.assertOpen();
      return original.apply(this, given);
    };
  for (const name of ['bind', 'connect', 'send']) replace(dgram.Socket.prototype, name, gated);
  const asking = /^(lookup|lookupService|resolve.*|reverse)$/;
  for (const each of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype] as const) {
    for (const name of namesOf(each)) if (asking.test(name)) replace(each, name, gated);
  }
}

/** Of a class its parent's names too. */
function namesOf(target: object): readonly string[] {
  const parent: unknown = Object.getPrototypeOf(target);
  const inherited = typeof parent === 'object' && parent !== null && parent !== Object.prototype ? Object.getOwnPropertyNames(parent) : [];
  return [...new Set([...Object.getOwnPropertyNames(target), ...inherited])];
}

/** As Node reads what `connect` and `listen` are given: options, a path, or both in a list that it made before. */
function namesSocketFile(given: readonly unknown[]): boolean {
  const [first] = Array.isArray(given[0]) ? (given[0] as readonly unknown[]) : given;
  if (typeof first === 'string') return !(Number(first) >= 0);
  if (typeof first !== 'object' || first === null) return false;
  return 'path' in first && first.path !== undefined && first.path !== null && first.path !== '';
}

function replace(target: object, name: string, by: (original: Callable) => Callable): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== 'function') return;
  Object.defineProperty(target, name, { value: by(original as Callable), writable: false, configurable: false, enumerable: true });
}

function refuse(target: object, name: string, message: string): void {
  replace(target, name, () => () => {
    throw refusal(message);
  });
}
