import { App, type ReceiverEvent } from '@slack/bolt';

/** Bolt acknowledges an event before any listener hears of it; what must not be lost is stored before that. */
export class CarefulApp extends App {
  beforeAcknowledgement: (body: unknown) => Promise<void> = async () => {};

  override async processEvent(event: ReceiverEvent): Promise<void> {
    await this.beforeAcknowledgement(event.body);
    await super.processEvent(event);
  }
}
