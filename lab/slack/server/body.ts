import type { IncomingMessage } from 'node:http';
import { isObject } from '../json.ts';
import type { JsonObject } from '../nouns.ts';

/** Far above every limit of Slack's; stops a runaway client. */
const maximumBodyBytes = 64 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maximumBodyBytes) throw new Error(`a request body above ${maximumBodyBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Form fields carry lists and objects as JSON text; what is not JSON stays text. */
function decodeField(value: string): unknown {
  if (!/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** These are people's words and stay text, even when they look like JSON. */
const textFields = new Set(['text', 'markdown_text', 'status', 'title', 'initial_comment', 'token', 'error']);

function decodeFields(fields: Iterable<readonly [string, string]>): JsonObject {
  return Object.fromEntries(
    [...fields].map(([name, value]) => [name, textFields.has(name) ? value : decodeField(value)]),
  );
}

async function parseForm(body: Buffer, contentType: string): Promise<FormData> {
  return new Response(new Uint8Array(body), { headers: { 'Content-Type': contentType } }).formData();
}

/** Decodes the arguments of a call: JSON, form-encoded or multipart. Undefined when the body is broken. */
export async function decodeArguments(body: Buffer, contentType: string): Promise<JsonObject | undefined> {
  try {
    if (contentType.startsWith('application/json')) {
      const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
      return isObject(value) ? value : undefined;
    }
    if (contentType.startsWith('multipart/form-data')) {
      const form = await parseForm(body, contentType);
      const fields: [string, string][] = [];
      form.forEach((value, name) => {
        if (typeof value === 'string') fields.push([name, value]);
      });
      return decodeFields(fields);
    }
    return decodeFields(new URLSearchParams(body.toString()));
  } catch {
    return undefined;
  }
}

/** The bytes of an upload: the first file of a multipart form, else the whole body. */
export async function decodeUpload(body: Buffer, contentType: string): Promise<Buffer> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const files: File[] = [];
  (await parseForm(body, contentType)).forEach((value) => {
    if (typeof value !== 'string') files.push(value);
  });
  const [file] = files;
  return file === undefined ? Buffer.alloc(0) : Buffer.from(await file.arrayBuffer());
}
