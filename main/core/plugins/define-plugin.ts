/**
 * What the author of a plugin needs: a plugin is a file `plugins/*.mjs` of the workspace whose default export is one
 * definition, or an array of them. `definePlugin` only gives the definition its types; a file that wants them writes
 * `import { definePlugin } from 'testops-console/plugin'`, any other simply exports the object.
 */
import type { Parameter, Hazard } from '#shared/protocol/observations.ts';

/** One argument of a plugin's command. One without `default` must be given by the scenario. */
export type PluginParameter = Parameter;

/** How an argument arrives: numbers as numbers, durations in ms, everything else as text. */
export type PluginArgument<P extends PluginParameter> = P['type'] extends 'integer' | 'number' | 'duration'
  ? number
  : P['type'] extends 'boolean'
    ? boolean
    : P extends { readonly choices: readonly (infer Choice)[] }
      ? Choice
      : string;
export type PluginArguments<P extends readonly PluginParameter[]> = {
  readonly [Each in P[number] as Each['name']]: PluginArgument<Each>;
};

export interface PluginContext {
  /** Id of the run; null when the command was given by hand. */
  readonly run: string | null;
  /** The release candidate under test. */
  readonly release: string;
  /** Aborted when the step is given up or its time is over; the process is killed soon after. */
  readonly signal: AbortSignal;
  /** Present value of `Component.STATE` or `Component.metric`; null when unknown. */
  read(name: string): Promise<string | number | null>;
  /** One line of output; it stands in the run's log. */
  print(text: string): void;
}

/**
 * What a command ends with. A plain value is what a scenario's `set` receives, and counts as a success; the object says
 * more. Whole numbers beyond 2^53 are given as text or BigInt, so that no digit is lost. A plugin that throws has failed, with the error's message.
 */
export type PluginResult =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | void
  | { readonly success?: boolean; readonly result?: string | number | bigint | boolean; readonly message?: string };

export interface PluginDefinition<P extends readonly PluginParameter[] = readonly PluginParameter[]> {
  /** The command's name in scenarios: `http_check`. */
  readonly name: string;
  readonly help?: string;
  readonly parameters?: P;
  /** How much harm it can do; `none` unless said otherwise. */
  readonly hazard?: Hazard;
  /** ms after which it is given up; 60,000 unless said otherwise. */
  readonly timeout?: number;
  run(context: PluginContext, commandArguments: PluginArguments<P>): PluginResult | Promise<PluginResult>;
}

/** Gives a definition its types; returns it as it is. */
export function definePlugin<const P extends readonly PluginParameter[]>(definition: PluginDefinition<P>): PluginDefinition<P> {
  return definition;
}
