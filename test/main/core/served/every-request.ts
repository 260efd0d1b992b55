/** One request of each method and one listening of each stream, as an honest console on another machine would send them. */
import { createHash } from 'node:crypto';
import type { Method, MethodRequest, Stream, StreamRequest } from '#shared/contract/contract.ts';
import { campaignIdSchema } from '#shared/campaign/words.ts';
import { runIdSchema } from '#shared/identifiers.ts';

export const run = runIdSchema.parse('20261120T221735Z-failover-3f9a');
export const folder = 'exchange';
export const environmentFile = 'main';
export const runs = [run];
const campaign = campaignIdSchema.parse('20261120T221735Z-nightly-3f9a');
const suite = 'api';
const test = 'test_it';

/** One request of each kind, as a console that means well sends it. */
export const requests: { readonly [M in Method]: MethodRequest<M> } = {
  'core.information': {},
  'suites.list': { folder },
  'campaigns.files': { folder },
  'campaign.start': { campaignFile: '/campaigns/nightly.yaml' },
  'campaign.act': { campaign, action: { kind: 'stop', reason: 'enough' } },
  'campaigns.list': {},
  'campaign.show': { campaign },
  'campaign.tests': { campaign, offset: 0, limit: 10 },
  'campaign.test': { campaign, suite, test },
  'campaign.evidence': { campaign, evidence: { name: 'output.txt', type: 'text/plain', hash: '0'.repeat(64), bytes: 1 } },
  'campaigns.compare': { campaign, with: campaign },
  'campaign.export': { campaign, format: 'ndjson', path: '/export.ndjson' },
  'campaign.delete': { campaign },
  'workers.list': { environmentFile },
  'core.metrics': { environmentFiles: [environmentFile] },
  'workspace.open': { folder },
  'workspace.recent': {},
  'workspace.trust': { folder, trusted: true },
  'workspace.trusted': {},
  'workspace.files': { folder },
  'file.read': { folder, path: 'scenarios/good.scn' },
  'file.write': { folder, path: 'scenarios/new.scn', text: 'log new\n', expectedHash: null },
  'file.rename': { folder, path: 'notes.txt', to: 'other.txt' },
  'file.delete': { folder, path: 'notes.txt', expectedHash: createHash('sha256').update('notes\n').digest('hex') },
  'drafts.save': { folder, draft: { path: 'scenarios/good.scn', text: 'draft', baseHash: null } },
  'drafts.list': { folder },
  'drafts.discard': { folder, path: 'scenarios/good.scn' },
  'layout.load': { folder },
  'layout.save': { folder, layout: '{}' },
  'demo.start': { release: 'rc1' },
  'demo.reset': {},
  'demo.workspace': {},
  'demo.stop': {},
  'series.list': { environmentFile },
  'runs.points': { run, series: [], columns: 10 },
  'runs.series': { run },
  'scenario.history': { scenario: 'good', limit: 1 },
  'run.edit': { run, scenario: 'good', text: '' },
  'run.control': { run, console: null },
  'runs.active': {},
  'runs.compare': { candidate: run, baseline: { kind: 'run', run } },
  'runs.evidence': { runs, series: 'a.b', step: null, columns: 10 },
  'runs.remarks': { run },
  'runs.remark': { run, remark: { kind: 'note', text: 'x', at: null } as never },
  'scenario.trend': { scenario: 'good', series: [], limit: 1 },
  'releases.list': {},
  'releases.sheet': { release: 'rc1', previous: null },
  'report.text': { subject: { kind: 'run', run }, format: 'html' },
  'report.write': { subject: { kind: 'run', run }, format: 'html', file: '/report.html' },
  'retention.rules': {},
  'retention.preview': {},
  'retention.apply': { runs: [], accepted: [] },
  'samples.import': {},
  'scenario.check': { scenarioFile: 'exchange/scenarios/good.scn', environmentFile },
  'environment.status': { environmentFile },
  'environment.pin': { environmentFile },
  'run.start': { scenarioFile: 'exchange/scenarios/good.scn', environmentFile, policy: 'abort', attended: false },
  'run.decide-start': { start: 'start-1', decision: 'cancel' },
  'run.act': { run, action: { kind: 'note', text: 'x' } },
  'command.execute': { environmentFile, words: ['start_load'] },
  'runs.list': {},
  'runs.show': { run },
  'runs.export': { run, file: '/export.testops-run' },
  'runs.import': { file: '/export.testops-run' },
  'runs.delete': { run },
  'runs.rebuild': {},
  'runs.interrupted': {},
  'run.recover': { run, environmentFile },
};
export const listenings: { readonly [S in Stream]: StreamRequest<S> } = {
  'campaign.live': { campaign },
  'campaigns.changes': {},
  'environment.live': { environmentFile },
  'environment.catalogue': { environmentFile },
  'environment.events': { environmentFile },
  'telemetry.live': { environmentFile, series: [], window: 1_000, columns: 10 },
  'workspace.changes': { folder },
  'runs.changes': {},
  'run.consoles': { run },
  'run.records': { run, from: 1 },
  'run.starting': { start: 'start-1' },
  'run.problems': { run },
};
