/** What the link tells, as records of the run's log; samples go beside the log. */
import type { Recorder } from './recorder.ts';
import type { LinkNews } from '#main/core/ports.ts';
import type { RecordBody } from '#shared/run/records.ts';

/** ms by which a daemon's clock must move against ours before its presence is worth another record. */
const noticeableOffset = 50;

type PresenceNews = Extract<LinkNews, { kind: 'presence' }>;

/** A daemon's presence as a record. */
export function presenceRecord(news: Omit<PresenceNews, 'kind'>): Extract<RecordBody, { kind: 'presence' }> {
  const { components, states, ...told } = news;
  return { kind: 'presence', ...told, ...(components && { components: [...components] }), ...(states && { states: [...states] }) };
}

/** Writes news into the journal. A changed catalogue is no record: what it changes is told by events of its own. */
export class NewsRecording {
  private readonly recorder: Recorder;
  private readonly presences = new Map<string, PresenceNews>();

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  record(news: LinkNews): void {
    const { recorder } = this;
    switch (news.kind) {
      case 'connection':
        recorder.record({ kind: 'link', state: news.connected ? 'connected' : 'disconnected', message: news.message });
        break;
      case 'catalogue':
        break;
      case 'presence': {
        if (!this.isNew(news)) break;
        recorder.record(presenceRecord(news));
        break;
      }
      case 'events': {
        const { daemon, epoch, number, events } = news;
        recorder.record({ kind: 'observation', daemon, epoch, number, events: [...events] });
        break;
      }
      case 'samples': {
        const { daemon, frame, series } = news;
        recorder.samples({ daemon, epoch: frame.epoch, sequence: frame.sequence, time: frame.time, series, values: frame.values });
        break;
      }
      case 'gap': {
        const { daemon, epoch, from, to, state, reason } = news;
        recorder.record({ kind: 'gap', daemon, epoch, from, to, state, reason });
        break;
      }
      case 'problem': {
        const { severity, code, message, tip = null } = news.problem;
        recorder.record({ kind: 'problem', severity, code: code.slice(0, 64), message, tip });
        break;
      }
    }
  }

  /** A daemon tells its presence every second; what matters is that it changed. */
  private isNew(news: PresenceNews): boolean {
    const last = this.presences.get(news.daemon);
    const moved = Math.abs((news.clockOffset ?? 0) - (last?.clockOffset ?? 0)) >= noticeableOffset;
    if (last && last.state === news.state && last.epoch === news.epoch && !moved && !news.states) return false;
    this.presences.set(news.daemon, news);
    return true;
  }
}
