/**
 * A plugin: asks an HTTP endpoint and tells its status, or how long it took to answer.
 *
 *     set status http_check http://127.0.0.1:8080/health
 *     set took   http_check http://127.0.0.1:8080/health milliseconds 2s
 *
 * Copy it into the folder `plugins` of your workspace.
 */
import { definePlugin } from 'testops-console/plugin';

export default definePlugin({
  name: 'http_check',
  help: 'Asks an HTTP address; succeeds when it answers with a status below 400.',
  parameters: [
    { name: 'address', type: 'string', help: 'http://host:port/path' },
    { name: 'tells', type: 'choice', choices: ['status', 'milliseconds'], default: 'status' },
    { name: 'within', type: 'duration', minimum: 1, maximum: 60_000, default: '5s', help: 'How long to wait for the answer.' },
  ],
  hazard: 'none',
  timeout: 65_000,

  async run(context, { address, tells, within }) {
    if (!/^https?:\/\//.test(address)) throw new Error(`'${address}' is no HTTP address; write http://host:port/path.`);
    const began = performance.now();
    const timeLimit = AbortSignal.timeout(within);
    let response;
    try {
      response = await fetch(address, { signal: AbortSignal.any([context.signal, timeLimit]), redirect: 'manual' });
      await response.body?.cancel();
    } catch (failure) {
      if (timeLimit.aborted) throw new Error(`${address} did not answer within ${within} ms.`, { cause: failure });
      throw new Error(`${address} could not be asked: ${failure.cause?.message ?? failure.message}.`, { cause: failure });
    }
    const took = Math.round(performance.now() - began);
    context.print(`${address} answered ${response.status} after ${took} ms`);
    const success = response.status < 400;
    const message = success ? undefined : `${address} answered with status ${response.status}.`;
    return { success, result: tells === 'status' ? response.status : took, message };
  },
});
