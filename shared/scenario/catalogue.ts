/**
 * What a scenario may name: the commands, components and metrics of an environment, as the checker and the language
 * service need to know them. Made from the daemons' live catalogues, the plugins and the environment's aliases, or
 * read from a pinned catalogue when there is no connection.
 */
import type { ComponentCommand, Hazard, Parameter } from '#shared/protocol/observations.ts';
import type { Unit } from '#shared/telemetry/series.ts';

export interface CommandDescription {
  readonly name: string;
  readonly help?: string;
  readonly parameters: readonly Parameter[];
  readonly hazard: Hazard;
  readonly source: 'action' | 'plugin' | 'alias';
  /** Daemons that offer it; more than one is ambiguous. Empty for plugins. */
  readonly daemons: readonly string[];
}

export interface ComponentDescription {
  readonly name: string;
  /** Daemons that claim it; more than one is ambiguous. */
  readonly daemons: readonly string[];
  readonly states: readonly string[];
  readonly commands: readonly ComponentCommand[];
  readonly signals: readonly string[];
  readonly metrics: readonly { readonly name: string; readonly unit: Unit }[];
}

export interface ScenarioCatalogue {
  readonly commands: readonly CommandDescription[];
  readonly components: readonly ComponentDescription[];
  /** Names that `call` may use. Undefined when the scenarios around are not known. */
  readonly scenarios?: readonly string[];
}
