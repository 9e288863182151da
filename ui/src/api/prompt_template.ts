import type { ModelVersion } from './mlflow_types.ts';
import { valueOf } from './run_facts.ts';

/** A prompt version's template, as MLflow's clients keep it in tags. */

export interface ChatMessage {
  role: string;
  content: string;
}

export type Template = { type: 'text'; text: string } | { type: 'chat'; messages: ChatMessage[] };

export function templateOf(version: ModelVersion): Template {
  const text = valueOf(version.tags, 'mlflow.prompt.text') ?? '';
  if (valueOf(version.tags, '_mlflow_prompt_type') === 'chat') {
    try {
      const messages = JSON.parse(text) as ChatMessage[];
      if (Array.isArray(messages)) return { type: 'chat', messages };
    } catch {
      // Said to be a chat and is none: the text itself is shown.
    }
  }
  return { type: 'text', text };
}

/** The messages of a chat with this template. */
export function messagesOf(template: Template): ChatMessage[] {
  return template.type === 'chat' ? template.messages : [{ role: 'user', content: template.text }];
}

const kVariable = /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/g;

/** The names in `{{ }}`, in the order they first stand. */
export function variablesOf(template: Template): string[] {
  const names = messagesOf(template).flatMap(({ content }) =>
    [...String(content).matchAll(kVariable)].map(([, name = '']) => name),
  );
  return [...new Set(names)];
}

/** With every variable that has a value put in; the others stay as they are. */
export function filled(template: Template, values: Record<string, string>): ChatMessage[] {
  return messagesOf(template).map(({ role, content }) => ({
    role,
    content: String(content).replace(kVariable, (whole, name: string) => values[name] ?? whole),
  }));
}
