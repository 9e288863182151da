import { useEffect, useRef, useState } from 'react';
import { chatBody, streamChat, type ChatMessage } from '../../api/chat.ts';
import type { ModelVersion } from '../../api/mlflow_types.ts';
import { filled, templateOf, variablesOf } from '../../api/prompt_template.ts';
import { useModels } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import '../../components/field.css';
import { Failure } from '../../components/notice.tsx';
import { Select } from '../../components/select.tsx';
import './prompts.css';

const kParameters = { temperature: null, top_p: null, max_tokens: 512, seed: null, stop: [] };

/** Fills the template in and asks a model, over the same route as everybody; the call is recorded as any other. */
export function PromptTrial({ version }: { version: ModelVersion }) {
  const template = templateOf(version);
  const variables = variablesOf(template);
  const models = useModels();
  const chat = (models.data ?? []).filter(({ kind }) => kind !== 'embedding');
  const [model, setModel] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const { answer, error, isRunning, ask, stop } = useAnswer();
  const chosen = model || chat[0]?.name || '';
  const isFilled = variables.every((name) => (values[name] ?? '') !== '');
  return (
    <form
      className="prompt"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(chosen, filled(template, values) as ChatMessage[]);
      }}
    >
      {variables.map((name) => (
        <label key={name} className="prompt-value">
          <span className="mono">{name}</span>
          <textarea
            className="field"
            rows={2}
            value={values[name] ?? ''}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        </label>
      ))}
      <div className="form-row">
        <Select
          label="Model"
          value={chosen}
          onChange={setModel}
          options={chat.map(({ name }) => ({ value: name, label: name }))}
          placeholder="Choose a model"
        />
        {isRunning ? (
          <Button icon="stop" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button icon="send" look="primary" type="submit" disabled={!isFilled || chosen === ''}>
            Ask
          </Button>
        )}
      </div>
      {error !== null && <Failure error={error} />}
      {answer !== '' && (
        <pre className="prompt-answer" aria-label="Answer" aria-busy={isRunning} tabIndex={0}>
          {answer}
        </pre>
      )}
    </form>
  );
}

/** One answer at a time; leaving the page stops it. */
function useAnswer() {
  const [answer, setAnswer] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isRunning, setRunning] = useState(false);
  const aborter = useRef<AbortController | null>(null);
  useEffect(() => () => aborter.current?.abort(), []);
  const ask = async (model: string, messages: ChatMessage[]) => {
    const own = new AbortController();
    aborter.current = own;
    setAnswer('');
    setError(null);
    setRunning(true);
    try {
      for await (const event of streamChat(chatBody(model, messages, kParameters), own.signal)) {
        if (event.type === 'delta') setAnswer((before) => before + event.content);
      }
    } catch (cause) {
      if (!own.signal.aborted) setError(cause);
    }
    setRunning(false);
  };
  return { answer, error, isRunning, ask, stop: () => aborter.current?.abort() };
}
