import { WebClient } from '@slack/web-api';
import { metrics } from '../../metrics.ts';
import { slackErrorOf } from './posting.ts';

/** A client of the Web API whose calls are counted and timed. */
export class MeasuredClient extends WebClient {
  override async apiCall(...args: Parameters<WebClient['apiCall']>): ReturnType<WebClient['apiCall']> {
    const [method] = args;
    const end = metrics.slackSeconds.startTimer({ method });
    try {
      const result = await super.apiCall(...args);
      metrics.slackCalls.inc({ method, outcome: 'ok' });
      return result;
    } catch (error) {
      metrics.slackCalls.inc({ method, outcome: slackErrorOf(error) ?? 'unreachable' });
      throw error;
    } finally {
      end();
    }
  }
}
