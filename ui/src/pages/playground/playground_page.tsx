import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useModels, useRequestRecord } from '../../api/queries.ts';
import { chatBody } from '../../api/chat.ts';
import type { Model } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { useUrlState } from '../../router/url_state.ts';
import { inputMessages } from '../requests/messages.ts';
import { ChatSession } from './chat_session.ts';
import { CodeDialog } from './code_dialog.tsx';
import { Composer } from './composer.tsx';
import { Pane } from './pane.tsx';
import { Parameters } from './parameters.tsx';
import { changeSettings, useSettings } from './settings.ts';
import './playground_page.css';

/** Kept while other pages are shown. */
const kLeft = new ChatSession();
const kRight = new ChatSession();

const kSidebarFromPx = 1001;

export default function PlaygroundPage() {
  const models = useModels();
  const [url] = useUrlState();
  const chats = useMemo(() => models.data?.filter((model) => model.kind === 'chat') ?? [], [models.data]);
  const from = url.get('from');
  if (chats.length === 0) {
    return (
      <>
        <header className="page-bar">
          <h1>Playground</h1>
        </header>
        {models.isPending && <Loading what="models" />}
        {models.error && (
          <div className="page-content">
            <Failure error={models.error} onRetry={() => void models.refetch()} />
          </div>
        )}
        {models.data && <NoModels />}
      </>
    );
  }
  return (
    <>
      {from && <LoadRecord id={from} />}
      <Workbench chats={chats} />
    </>
  );
}

function Workbench({ chats }: { chats: Model[] }) {
  const [url, setUrl] = useUrlState();
  const settings = useSettings();
  const [isCodeOpen, setCodeOpen] = useState(false);
  const [isSidebarOpen, setSidebarOpen] = useState(() => window.innerWidth >= kSidebarFromPx);
  const left = url.get('model') ?? firstReady(chats);
  const right = url.get('model2');
  const leftTurns = useSyncExternalStore(kLeft.subscribe, kLeft.snapshot);
  const rightTurns = useSyncExternalStore(kRight.subscribe, kRight.snapshot);
  const isBusy = [...leftTurns, ...rightTurns].some(
    ({ answer }) => answer.totalMs === null && isOpen(answer.state),
  );
  const options = chats.map((model) => ({ value: model.name, label: model.name, hint: model.status }));
  const stop = () => {
    kLeft.stop();
    kRight.stop();
  };
  const send = (text: string) => {
    void kLeft.send(left, text, settings);
    if (right) void kRight.send(right, text, settings);
  };
  const { system, ...parameters } = settings;
  const codeMessages = kLeft.messagesFor('Hello!', system);
  const lastQuestion = leftTurns.at(-1)?.question;
  const body = chatBody(
    left,
    lastQuestion
      ? [...codeMessages.slice(0, system.trim() ? 1 : 0), { role: 'user', content: lastQuestion }]
      : codeMessages,
    parameters,
  );
  const second = chats.find((model) => model.name !== left)?.name ?? left;
  return (
    <>
      <header className="page-bar">
        <h1>Playground</h1>
        <Button
          icon="columns"
          aria-pressed={right !== null}
          onClick={() => setUrl({ model: left, model2: right ? null : second })}
        >
          Compare
        </Button>
        <Button icon="code" onClick={() => setCodeOpen(true)}>
          Show code
        </Button>
        <Button
          icon="trash"
          disabled={leftTurns.length + rightTurns.length === 0}
          onClick={() => {
            kLeft.clear();
            kRight.clear();
            setUrl({ from: null });
          }}
        >
          Clear
        </Button>
        <Button icon="sliders" aria-pressed={isSidebarOpen} onClick={() => setSidebarOpen(!isSidebarOpen)}>
          Parameters
        </Button>
      </header>
      <div className={`playground ${isSidebarOpen ? 'playground-sidebar' : ''}`}>
        <div className="panes">
          <Pane
            label={right ? 'Left' : 'Chat'}
            session={kLeft}
            model={left}
            options={options}
            onModel={(model) => setUrl({ model })}
            status={troubleOf(chats, left)}
            onRetry={() => void kLeft.retry(left, settings)}
          />
          {right && (
            <Pane
              label="Right"
              session={kRight}
              model={right}
              options={options}
              onModel={(model) => setUrl({ model2: model })}
              status={troubleOf(chats, right)}
              onRetry={() => void kRight.retry(right, settings)}
              onClose={() => setUrl({ model2: null })}
            />
          )}
        </div>
        {isSidebarOpen && <Parameters />}
        <Composer isBusy={isBusy} onSend={send} onStop={stop} />
      </div>
      <CodeDialog body={body} open={isCodeOpen} onOpenChange={setCodeOpen} />
    </>
  );
}

function isOpen(state: string): boolean {
  return state === 'waiting' || state === 'streaming';
}

function firstReady(chats: Model[]): string {
  return (chats.find((model) => model.status === 'ready') ?? chats[0])?.name ?? '';
}

function troubleOf(chats: Model[], name: string): 'starting' | 'failed' | null {
  const status = chats.find((model) => model.name === name)?.status;
  return status === 'starting' || status === 'failed' ? status : null;
}

/** Puts a recorded conversation on the table: its system prompt, its exchanges, its model. */
function LoadRecord({ id }: { id: string }) {
  const { data: record, error } = useRequestRecord(id);
  const [, setUrl] = useUrlState();
  useEffect(() => {
    if (!record) return;
    const messages = inputMessages(record) ?? [];
    const exchanges = messages.flatMap((message, index) => {
      const next = messages[index + 1];
      if (message.role !== 'user') return [];
      return [{ question: message.text, answer: next?.role === 'assistant' ? next.text : '' }];
    });
    const last = exchanges.at(-1);
    const output = record.output as { content?: unknown } | null;
    if (last && !last.answer && typeof output?.content === 'string') last.answer = output.content;
    kLeft.load(exchanges, record.model);
    changeSettings({ system: messages.find(({ role }) => role === 'system')?.text ?? '' });
    setUrl({ model: record.model, from: null });
  }, [record, setUrl]);
  if (!error) return null;
  return (
    <div className="page-content">
      <Failure error={error} />
    </div>
  );
}

function NoModels() {
  return (
    <Empty title="No chat model is registered">
      <p>
        Import a GGUF file, or name an OpenAI-compatible upstream in penstock.yaml. It appears here by itself.
      </p>
      <Command>penstock models import ./model.gguf</Command>
    </Empty>
  );
}
