/** Results of a campaign for others, as files. */
import { ProblemError } from '#shared/problem.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { BlobStore } from '../../delivery/ports.ts';

export function exportCampaign(
  state: CampaignState,
  blobs: BlobStore | null,
  format: 'allure' | 'junit' | 'ndjson',
  path: string,
): Promise<{ path: string; files: number }> {
  void [state, blobs, format, path];
  return Promise.reject(new ProblemError({ code: 'not-available', message: 'This export is not there yet.' }));
}
