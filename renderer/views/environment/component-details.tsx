/** All values of one component; each can be put on a chart. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { seriesName } from '#shared/telemetry/series.ts';
import { componentNameSchema } from '#shared/identifiers.ts';
import { createCharts } from '../../stores/charts.ts';
import { createSession } from '../../stores/session.ts';
import type { ComponentRow, MetricValue } from './environment-rows.ts';
import style from './environment.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { quantityText } from '#shared/wording/quantities.ts';

function chart(stores: Stores, component: string, metric: string): void {
  const name = seriesName({ component: componentNameSchema.parse(component), metric });
  stores.get(createCharts).addSeries(null, [name]);
  stores.get(createSession).inform(`${name} has a chart of its own in the Run view.`);
}

export function ComponentDetails({ row, stale }: { readonly row: ComponentRow; readonly stale: boolean }) {
  const stores = useStores();
  const processMetrics: readonly MetricValue[] = row.isProcess
    ? [
        { metric: 'cpu', value: row.cpu, unit: '%' },
        { metric: 'rss', value: row.memory, unit: 'bytes' },
      ]
    : [];
  return (
    <dl className={style['metrics']} data-stale={stale || undefined}>
      {[...processMetrics, ...row.metrics].map(({ metric, value, unit }) => (
        <div key={metric}>
          <dt className="clipped" title={metric}>
            {metric}
          </dt>
          <dd className="number">
            {quantityText(value, unit, 'steady')}
            <Tooltip label={`Chart ${row.name}.${metric}`}>
              <ActionIcon size={18} aria-label={`Chart ${row.name}.${metric}`} onClick={() => chart(stores, row.name, metric)}>
                <IconChartLine size={13} />
              </ActionIcon>
            </Tooltip>
          </dd>
        </div>
      ))}
    </dl>
  );
}
