import { assistantMethods } from './assistant.ts';
import { authMethods } from './auth.ts';
import { chatMethods } from './chat.ts';
import { chatStreamMethods } from './chat-stream.ts';
import { conversationsMethods } from './conversations.ts';
import { filesMethods } from './files.ts';
import { functionsMethods } from './functions.ts';
import type { Method } from './method.ts';
import { peopleMethods } from './people.ts';
import { viewsMethods } from './views.ts';

/** Every Web API method that the workspace answers, by name. */
export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...authMethods,
    ...chatMethods,
    ...chatStreamMethods,
    ...assistantMethods,
    ...conversationsMethods,
    ...peopleMethods,
    ...viewsMethods,
    ...filesMethods,
    ...functionsMethods,
  }),
);
