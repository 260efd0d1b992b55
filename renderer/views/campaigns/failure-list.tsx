/** What failed, grouped by messages that are alike, the most frequent first; a group filters the tests. */
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';
import { inertText } from '../../components/inert-text.ts';
import { createCampaignTests, useCampaignTests } from '../../stores/campaigns/campaign-tests.ts';
import { useStores } from '../../stores/context.ts';
import style from './campaigns.module.css';

export function FailureList({ failures }: { readonly failures: CampaignView['failures'] }) {
  const { setFilter } = useStores().get(createCampaignTests);
  const chosen = useCampaignTests((state) => state.filter.failure);
  if (failures.length === 0) return null;
  return (
    <section className={style['failures']} aria-label="Failures, grouped by their messages" tabIndex={0}>
      <ul className="plain">
        {failures.map(({ message, tests, servers, examples }) => (
          <li key={message}>
            <button
              type="button"
              aria-pressed={chosen === message}
              title={listed(
                examples.map(({ test }) => test),
                5,
              )}
              onClick={() => setFilter({ failure: chosen === message ? null : message })}
            >
              <span className={style['failureCount']}>✗ {counted(tests, 'test')}</span>
              <code className="clipped">{inertText(message)}</code>
              <span className="muted">{servers.length > 0 && `on ${inertText(listed(servers, 3))}`}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
