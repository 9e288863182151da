import type { ModelVersion } from '../../api/mlflow_types.ts';
import { messagesOf, templateOf, variablesOf } from '../../api/prompt_template.ts';
import { valueOf } from '../../api/run_facts.ts';
import { Section } from '../../components/facts.tsx';
import { RawText } from '../../components/raw_text.tsx';
import './prompts.css';

/** The template as it is written, with its variables marked and named. */
export function PromptText({ version }: { version: ModelVersion }) {
  const template = templateOf(version);
  const variables = variablesOf(template);
  const schema = valueOf(version.tags, '_mlflow_prompt_response_format');
  return (
    <div className="prompt">
      {messagesOf(template).map(({ role, content }, index) => (
        <div key={index} className="prompt-message">
          {template.type === 'chat' && <span className="prompt-role">{role}</span>}
          <pre tabIndex={0} aria-label={`Template of ${role}`}>
            {marked(String(content))}
          </pre>
        </div>
      ))}
      <p className="soft">
        {variables.length === 0 ? 'No variables.' : 'Variables: '}
        {variables.map((name) => (
          <code key={name} className="tag">
            {name}
          </code>
        ))}
      </p>
      {schema && (
        <Section title="Response schema">
          <RawText text={schema} label="Response schema" />
        </Section>
      )}
    </div>
  );
}

function marked(text: string) {
  return text
    .split(/(\{\{\s*[A-Za-z_][\w.]*\s*\}\})/)
    .map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part));
}
