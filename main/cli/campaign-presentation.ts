/**
 * A campaign as a person reads it in a terminal: failures as they come, servers and workers that go, one status line with bar, counts and forecast,
 * and the reasons when nothing moves. Where no terminal is, the status is a plain line now and then. At the end failures by their messages.
 */
import { doneCount, redCount } from '#shared/campaign/result-counts.ts';
import { isRed } from '#shared/campaign/words.ts';
import type { CampaignView, TestRow } from '#shared/contract/campaigns.ts';
import { counted, countText, shareText } from '#shared/wording/counts.ts';
import { durationText, secondsText } from '#shared/wording/durations.ts';
import { listed } from '#shared/wording/names.ts';
import { commandText, failureGroupLines, failureLines, lossLines, lossText, outcomeText, resultsText, waitText } from './campaign-words.ts';
import { inert, type Terminal } from './terminal.ts';

/** ms without a step forward after which it is said why what waits is waiting. */
const patience = 5_000;
/** ms between two plain lines of progress where no status line can be drawn. */
const plainInterval = 10_000;
const barWidth = 20;

export class CampaignPresentation {
  private readonly terminal: Terminal;
  private readonly now: () => number;
  private view: CampaignView | null = null;
  private moved = { mark: '', at: 0 };
  private readonly told = new Set<string>();
  private explained = '';
  private plain = { text: '', at: -Infinity, planning: true };

  /** @param now ms, for the forecast: as the core's clock */
  constructor(terminal: Terminal, now: () => number = () => Date.now()) {
    this.terminal = terminal;
    this.now = now;
  }

  begun({ campaign, environment, revision, operator, suites, coordinator, title }: CampaignView): void {
    const { bold, dim } = this.terminal.colours;
    this.terminal.line(`${bold(inert(title))} on ${environment}, revision ${bold(inert(revision))}: ${counted(suites.length, 'suite')}`);
    this.terminal.line(dim(`campaign ${campaign}, operator ${operator}${coordinator ? `, coordinated by ${coordinator}` : ''}`));
  }

  /** Each test once with each of its attempts that failed. */
  failures(rows: readonly TestRow[]): void {
    for (const row of rows) {
      if (row.result === null || !isRed(row.result)) continue;
      if (!this.isNew(`${row.suite}\n${row.test}\n${row.result} ${row.attempts - (row.state === 'running' ? 1 : 0)}`)) continue;
      for (const line of failureLines(row, this.terminal.colours)) this.terminal.line(line);
    }
  }

  progress(view: CampaignView): void {
    if (this.view === null) this.begun(view);
    this.tellCoordinator(view, this.view);
    this.view = view;
    for (const { suite, problem } of view.suites)
      if (problem !== null && this.isNew(`suite ${suite} ${problem}`))
        this.terminal.line(this.terminal.colours.magenta(`✗ ${suite}  ${inert(problem)}`));
    this.tellServers(view);
    this.tellWorkers(view);
    for (const problem of view.problems)
      if (this.isNew(`problem ${problem.message}`)) this.terminal.problem({ ...problem, tip: problem.tip ?? '' });
    this.explainWaits(view);
    this.showStatus(view);
  }

  ended(view: CampaignView): void {
    this.terminal.clearStatus();
    const { dim, yellow, bold } = this.terminal.colours;
    this.terminal.line();
    if (view.failures.length > 0) {
      this.terminal.line(bold('Failures by their messages'));
      for (const line of failureGroupLines(view.failures, this.terminal.colours)) this.terminal.line(line);
      this.terminal.line();
    }
    if (view.quarantined > 0)
      this.terminal.line(yellow(`${counted(view.quarantined, 'test')} in quarantine failed, which does not decide.`));
    for (const line of lossLines(view.workers)) this.terminal.line(yellow(line));
    const reason = view.reason ? `  ${inert(view.reason)}` : '';
    if (view.outcome !== null)
      this.terminal.line(`${outcomeText(view.outcome, this.terminal.colours)}  ${resultsText(view.results)}${reason}`);
    const took = view.endedAt === null ? '' : `, ${durationText(view.endedAt - view.startedAt)}`;
    this.terminal.line(dim(`campaign ${view.campaign}${took}`));
    if (redCount(view.results) > 0) this.terminal.line(dim(`${commandText('tests', view, ' --failed')} shows what failed`));
  }

  private isNew(what: string): boolean {
    if (this.told.has(what)) return false;
    this.told.add(what);
    return true;
  }

  /** Where another core decides from now on, or one does at all. */
  private tellCoordinator({ coordinator }: CampaignView, before: CampaignView | null): void {
    if (before === null || coordinator === null || coordinator === before.coordinator) return;
    this.terminal.line(this.terminal.colours.dim(`coordinated by ${inert(coordinator)} from now on`));
  }

  private tellServers({ servers }: CampaignView): void {
    for (const { server, state, reason } of servers) {
      if (state === 'ready' || (state === 'waiting' && reason === null)) continue;
      if (!this.isNew(`server ${server} ${state} ${reason ?? ''}`)) continue;
      const { yellow, dim } = this.terminal.colours;
      const text = `server ${server} is ${state}${reason ? `: ${inert(reason)}` : ''}`;
      this.terminal.line(state === 'deploying' ? dim(text) : yellow(text));
    }
  }

  /** Workers come and go; each turn is told. */
  private tellWorkers({ workers }: CampaignView): void {
    for (const each of workers) {
      const { worker, state, host, slots } = each;
      const key = `worker ${worker}`;
      const [turn, back] = state === 'present' ? [`${key} present`, `${key} gone`] : [`${key} gone`, `${key} present`];
      this.told.delete(back);
      if (!this.isNew(turn)) continue;
      const { yellow, dim } = this.terminal.colours;
      this.terminal.line(
        state === 'present' ? dim(`worker ${worker} on ${inert(host)}, ${counted(slots, 'slot')}`) : yellow(lossText(each)),
      );
    }
  }

  private explainWaits(view: CampaignView): void {
    const now = this.now();
    const mark = `${doneCount(view.results)} ${view.running} ${view.planning}`;
    if (mark !== this.moved.mark) this.moved = { mark, at: now };
    if (view.endedAt !== null || now - this.moved.at < patience) return;
    const why = view.planning && view.waits.length === 0 ? [unlisted(view)] : view.waits.slice(0, 3).map(waitText); // prettier-ignore
    const text = why.join('\n');
    if (text === '' || text.replaceAll(/\d+/g, '') === this.explained) return;
    this.explained = text.replaceAll(/\d+/g, '');
    for (const line of why) this.terminal.line(this.terminal.colours.yellow(inert(line)));
  }

  private showStatus(view: CampaignView): void {
    if (view.endedAt !== null) return;
    const text = statusText(view, this.now());
    this.terminal.showStatus(text);
    const plain = text.replace(/^[█░]+ +/, '');
    const isDue = this.now() - this.plain.at >= plainInterval || view.planning !== this.plain.planning;
    if (this.terminal.draws || plain === this.plain.text || !isDue) return;
    this.plain = { text: plain, at: this.now(), planning: view.planning };
    this.terminal.line(plain);
  }
}

/** `██████░░░░ 60 %  60 of 100  ✗ 2  4 running  36 waiting  12 s – 20 s left`. */
export function statusText(view: CampaignView, now: number): string {
  const { tests, results, running, waiting, triedAgain, forecast, planning } = view;
  if (planning && tests === 0) return unlisted(view);
  const done = doneCount(results);
  const share = tests === 0 ? 0 : done / tests;
  const filled = Math.round(share * barWidth);
  const red = redCount(results);
  return [
    '█'.repeat(filled) + '░'.repeat(barWidth - filled),
    shareText(share),
    `${countText(done)} of ${countText(tests)}`,
    ...(red > 0 ? [`✗ ${countText(red)}`] : []),
    `${countText(running)} running`,
    `${countText(waiting)} waiting`,
    ...(triedAgain > 0 ? [`${countText(triedAgain)} failed so far, tried again`] : []),
    ...(forecast ? [leftText(forecast, now)] : []),
    ...(planning ? [unlisted(view)] : []),
  ].join('  ');
}

/** What is left with a probability of a half, and of nine tenths. */
function leftText({ p50, p90 }: NonNullable<CampaignView['forecast']>, now: number): string {
  const [half, most] = [p50, p90].map((time) => secondsText(time - now, Math.ceil));
  return half === most ? `${half} left` : `${half} – ${most} left`;
}

function unlisted({ suites, plan }: CampaignView): string {
  const known = new Set<string>(suites.filter(({ tests, problem }) => tests > 0 || problem !== null).map(({ suite }) => suite));
  const open = plan.suites.map(({ suite }) => suite).filter((suite) => !known.has(suite));
  return open.length === 0 ? 'planning' : `the tests of ${listed(open, 3)} are being listed`;
}
