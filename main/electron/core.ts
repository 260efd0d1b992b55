/** The core under Electron: a utility process that is started again when it dies, and ports from pages to it. */
import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron';
import type { CoreSettings } from '#main/core-process/process-messages.ts';

/** ms before each further restart; the first comes at once. */
const restartWaits = [0, 250, 1_000, 5_000];
/** ms after which a process that lived counts as sound again. */
const soundAfter = 30_000;
/** ms that a core has to close its runs before it is killed. */
const endPatience = 15_000;

export class ElectronCore {
  private readonly program: string;
  private readonly settings: CoreSettings;
  private readonly died: (status: number) => void;
  private utility: UtilityProcess | undefined;
  private restarts = 0;
  private ending = false;

  /** `program`: the built core-process; `died` is told before each restart. */
  constructor(program: string, settings: CoreSettings, died: (status: number) => void) {
    this.program = program;
    this.settings = settings;
    this.died = died;
    this.begin();
  }

  get processId(): number | undefined {
    return this.utility?.pid;
  }

  /** One end of a new port whose other end the core has; undefined between two lives of the core. */
  openPort(): MessagePortMain | undefined {
    if (!this.utility) return undefined;
    const { port1, port2 } = new MessageChannelMain();
    this.utility.postMessage({ kind: 'open' }, [port2]);
    return port1;
  }

  /** Ends the core; runs that go on are left to be recovered. */
  async end(): Promise<void> {
    this.ending = true;
    const { utility } = this;
    if (!utility) return;
    const gone = new Promise<void>((resolve) => utility.once('exit', () => resolve()));
    utility.postMessage({ kind: 'end' }, []);
    const patience = setTimeout(() => utility.kill(), endPatience);
    await gone;
    clearTimeout(patience);
  }

  private begin(): void {
    const began = performance.now();
    const utility = utilityProcess.fork(this.program, [], { serviceName: 'TestOps core', stdio: 'inherit' });
    this.utility = utility;
    utility.postMessage({ kind: 'begin', settings: this.settings }, []);
    utility.once('exit', (status) => {
      this.utility = undefined;
      if (this.ending) return;
      this.died(status);
      if (performance.now() - began > soundAfter) this.restarts = 0;
      setTimeout(() => !this.ending && this.begin(), restartWaits[Math.min(this.restarts++, restartWaits.length - 1)]);
    });
  }
}
