/** The embedded demo environment, started for a console and kept for as long as the core lives; its workspace lasts. */
import { join } from 'node:path';
import type { MethodTable } from '../contract/method-tables.ts';
import { asPlain } from '../contract/plain-problem.ts';
import { lookAtDemoWorkspace, resetDemoWorkspace } from '#main/demo/demo-reset.ts';
import { openTemplateEnvironment, type NetworkPrograms, type TemplateEnvironment } from '#main/demo/template-environment.ts';
import { readTemplate } from '#main/demo/template-workspace.ts';
import type { Core, MethodResponse } from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';

export interface DemoParts {
  /** How programs of the network are started; null: this host cannot. */
  readonly programs: NetworkPrograms | null;
  /** Folder of what comes with the product, which holds the template of the demo; null: none. */
  readonly resources: string | null;
  /** The console's home, where the workspace lasts. */
  readonly home: string;
  /** The core itself, with which the environment starts its components. */
  readonly core: () => Core;
  /** Told when a demo is ready to run. */
  readonly started?: () => void;
  /** Told before a demo is taken down, by its environment file. */
  readonly ending?: (environmentFile: string) => void;
  /** ms since 1970 */
  readonly now: () => number;
  /** How environments are made of a template; tests give their own. */
  readonly open?: typeof openTemplateEnvironment;
}

type Started = MethodResponse<'demo.start'>;

/** A demo environment that runs or is being started. */
interface Demo {
  /** Its workspace is there. */
  readonly laidOut: Promise<Started>;
  readonly started: Promise<Started>;
  end(): Promise<void>;
}

export class DemoService implements Owned {
  readonly methods: MethodTable<'demo.start' | 'demo.stop' | 'demo.workspace' | 'demo.reset'>;
  private readonly parts: DemoParts;
  private demo: Demo | null = null;
  /** The end of the last one; the next is not started before. */
  private ended: Promise<void> = Promise.resolve();

  constructor(parts: DemoParts) {
    this.parts = parts;
    this.methods = {
      'demo.start': ({ release, ready = true }) => this.start(release === '' ? null : release, ready),
      'demo.stop': async () => (await this.stop(), {}),
      'demo.workspace': async () => {
        const { folder, changes } = await lookAtDemoWorkspace(await this.workspaceMeant());
        return { folder, changes: [...changes] };
      },
      'demo.reset': () => this.reset(),
    };
  }

  /** Release candidates that the demo can be started with; none where it cannot be started. */
  async releases(): Promise<string[]> {
    const { programs, resources } = this.parts;
    if (!programs || resources === null) return [];
    return readTemplate(templateIn(resources)).then(
      ({ releases }) => [...releases],
      () => [],
    );
  }

  async dispose(): Promise<void> {
    await this.stop();
  }

  private async start(release: string | null, ready: boolean): Promise<Started> {
    const { programs, resources } = this.parts;
    if (!programs || resources === null) throw notHere();
    if (!this.demo) {
      const begun = this.begin(programs, templateIn(resources), release);
      this.demo = begun;
      // One that did not start leaves nothing behind, and is tried anew when it is asked for again.
      begun.started.catch(async () => {
        if (this.demo === begun) await this.stop().catch(() => undefined);
      });
      return ready ? begun.started : begun.laidOut;
    }
    const started = await (ready ? this.demo.started : this.demo.laidOut);
    if (release !== null && release !== started.release) throw otherRelease(started.release, release);
    return started;
  }

  private begin(programs: NetworkPrograms, source: string, release: string | null): Demo {
    const stop = new AbortController();
    let environment: TemplateEnvironment | null = null;
    const laidOut = Promise.withResolvers<Started>();
    const open = async (): Promise<Started> => {
      await this.ended;
      stop.signal.throwIfAborted();
      const opened = await (this.parts.open ?? openTemplateEnvironment)({
        source,
        home: this.parts.home,
        release: release ?? undefined,
        programs,
        progress: () => undefined,
      });
      environment = opened;
      const { folder, environmentFile, release: chosen, notices } = opened.workspace;
      const answer = { folder, environmentFile, release: chosen ?? '', notices: notices.map(asPlain) };
      // It is shown before it can be used, and what it holds came with the product.
      await this.parts.core().request('workspace.trust', { folder, trusted: true });
      laidOut.resolve(answer);
      await opened.startComponents(this.parts.core(), stop.signal);
      this.parts.started?.();
      return answer;
    };
    const started = open().catch((failure: unknown) => {
      throw stop.signal.aborted ? stopped() : failure;
    });
    started.catch(laidOut.reject);
    // Nobody may have asked for it.
    laidOut.promise.catch(() => undefined);
    return {
      laidOut: laidOut.promise,
      started,
      end: async () => {
        stop.abort();
        await started.catch(() => undefined);
        if (environment) this.parts.ending?.(environment.workspace.environmentFile);
        await environment?.dispose();
      },
    };
  }

  private async stop(): Promise<void> {
    const { demo } = this;
    this.demo = null;
    if (demo) return this.beforeNext(demo.end());
    return this.ended;
  }

  /** The workspace of the demo that runs, or else of the one that would be started. */
  private async workspaceMeant(): Promise<{ source: string; home: string; folder: string | undefined }> {
    const { programs, resources, home } = this.parts;
    if (!programs || resources === null) throw notHere();
    const running = await this.demo?.laidOut.catch(() => null);
    return { source: templateIn(resources), home, folder: running?.folder };
  }

  /** Stops the demo, and sets its workspace aside. */
  private async reset(): Promise<MethodResponse<'demo.reset'>> {
    const meant = await this.workspaceMeant();
    await this.stop();
    const reset = resetDemoWorkspace(meant, new Date(this.parts.now()));
    await this.beforeNext(reset.then(() => undefined));
    return reset;
  }

  /** The next start waits for it, whatever becomes of it; whoever asked for it is told. */
  private async beforeNext(work: Promise<void>): Promise<void> {
    const end = Promise.all([this.ended, work]).then(() => undefined);
    this.ended = end.catch(() => undefined);
    return end;
  }
}

function templateIn(resources: string): string {
  return join(resources, 'demo', 'workspace');
}

function notHere(): ProblemError {
  return new ProblemError({
    code: 'no-demo',
    message: 'This core was started without the demo environment.',
    tip: 'Open a workspace of your own, or start the demo in a terminal: testops demo --stay.',
  });
}

function otherRelease(present: string, wanted: string): ProblemError {
  return new ProblemError({
    code: 'demo-running',
    message: `The demo runs with the release ${present}, so it cannot be started with ${wanted}.`,
    tip: 'Stop it first; its workspace stays as it is.',
  });
}

function stopped(): ProblemError {
  return new ProblemError({ code: 'demo-stopped', message: 'The demo was stopped before it was ready.' });
}
