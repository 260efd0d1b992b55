/** Suites, campaigns and the quarantine as they are written: the core, which reads these files, says what is wrong and what may stand where. */
import type { MethodResponse } from '#shared/contract/contract.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { createSession } from './session.ts';
import type { Stores } from './stores.ts';

/** Counted from zero. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export type TextSuggestion = MethodResponse<'campaign-text.complete'>['suggestions'][number];
export type TextExplanation = NonNullable<MethodResponse<'campaign-text.explain'>['explanation']>;

/** Whether the core knows what may stand in the file at a path of the workspace. */
export function isCampaignText(path: string): boolean {
  return /^(?:suites|campaigns)\/[^/]+\.ya?ml$/.test(path) || path === 'quarantine.yaml';
}

export function createCampaignTexts(stores: Stores) {
  const { currentCore, currentFolder } = stores.get(createSession);

  /** Asks the core about a text; null where there is none to ask, or it cannot say. */
  async function asked<Answer>(
    path: string,
    text: string,
    ask: (core: NonNullable<ReturnType<typeof currentCore>>, about: { folder: string; path: string; text: string }) => Promise<Answer>,
  ): Promise<Answer | null> {
    const [core, folder] = [currentCore(), currentFolder()];
    if (!core || folder === null || !isCampaignText(path)) return null;
    try {
      return await ask(core, { folder, path, text });
    } catch (failure) {
      // While the core is away, what it said stands; it is asked again with the next key.
      if (problemOf(failure).code !== 'core-gone') throw failure;
      return null;
    }
  }

  /** All that is wrong with a text; null: nobody can say now. */
  async function problemsOf(path: string, text: string): Promise<readonly Problem[] | null> {
    return (await asked(path, text, (core, about) => core.request('campaign-text.check', about)))?.problems ?? null;
  }

  async function suggestionsAt(path: string, text: string, place: Place): Promise<readonly TextSuggestion[]> {
    const answer = await asked(path, text, (core, about) => core.request('campaign-text.complete', { ...about, ...place }));
    return answer?.suggestions ?? [];
  }

  async function explanationAt(path: string, text: string, place: Place): Promise<TextExplanation | null> {
    return (await asked(path, text, (core, about) => core.request('campaign-text.explain', { ...about, ...place })))?.explanation ?? null;
  }

  return { problemsOf, suggestionsAt, explanationAt };
}
