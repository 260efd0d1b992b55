/** Who is there to execute tests, from what workers are heard to ask: they do it once a second, whoever answers them. */
import type { NatsConnection } from '#network/bus/connect.ts';
import type { Clock } from '#platform/clock.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { beatInterval, workRequestSchema, type WorkRequest } from '#shared/protocol/work.ts';
import type { WorkerSeen } from './known-workers.ts';

type Worker = MethodResponse<'workers.list'>['workers'][number];

/** ms that are listened: nobody who asks each second is missed. */
const listening = 1.6 * beatInterval;

export async function hearWorkers(connection: NatsConnection, environment: EnvironmentName, clock: Clock): Promise<readonly Worker[]> {
  const heard = new Map<string, Worker>();
  const subscription = connection.subscribe(subject(environment, 'work', '*'), {
    callback: (failure, message) => {
      const request = failure ? null : requestIn(message.string());
      if (request?.environment === environment) heard.set(request.worker, workerFrom({ offer: request, host: request.host }));
    },
  });
  await new Promise<void>((resolve) => void clock.after(listening, resolve));
  subscription.unsubscribe();
  return [...heard.values()].toSorted((one, other) => one.worker.localeCompare(other.worker));
}

/** Whoever decides about requests tells of those that cannot be understood. */
function requestIn(text: string): WorkRequest | null {
  try {
    return workRequestSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function workerFrom({
  offer,
  host,
}: Pick<WorkerSeen, 'host'> & { readonly offer: Pick<WorkerSeen['offer'], 'worker' | 'leaving' | 'slots' | 'free' | 'labels'> }): Worker {
  // prettier-ignore
  const { worker, leaving, slots, free, labels } = offer;
  return {
    worker,
    state: leaving ? 'leaving' : 'present',
    host,
    slots,
    used: Math.max(0, slots - free),
    labels: [...labels],
    running: [],
  };
}
