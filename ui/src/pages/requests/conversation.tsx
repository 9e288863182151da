import type { RequestRecord } from '../../api/types.ts';
import { MessageText } from '../../components/message_text.tsx';
import { asJson, inputMessages, outputMessages, type Message } from './messages.ts';

export function Conversation({ record }: { record: RequestRecord }) {
  const asked = inputMessages(record);
  const answered = outputMessages(record);
  if (record.input === null && answered.length === 0) {
    return (
      <p className="detail-note">
        Input and output were not recorded (records.content is off, or it was removed).
      </p>
    );
  }
  return (
    <ol className="conversation">
      {asked ? (
        asked.map((message, index) => <Said key={index} message={message} />)
      ) : (
        <li className="said">
          <span className="said-role">input</span>
          <pre tabIndex={0} aria-label="Input">
            {asJson(record.input)}
          </pre>
        </li>
      )}
      {record.input_truncated && <Cut what="input" />}
      {answered.map((message, index) => (
        <Said key={`answer${index}`} message={message} isAnswer />
      ))}
      {record.output_truncated && <Cut what="output" />}
    </ol>
  );
}

function Said({ message, isAnswer = false }: { message: Message; isAnswer?: boolean }) {
  return (
    <li className={`said ${isAnswer ? 'said-answer' : ''}`}>
      <span className="said-role">{message.role}</span>
      {message.text && <MessageText text={message.text} />}
      {message.structured.map((json, index) => (
        <pre key={index} tabIndex={0} aria-label="Structured content">
          {json}
        </pre>
      ))}
      {!message.text && message.structured.length === 0 && <span className="faint">(empty)</span>}
    </li>
  );
}

function Cut({ what }: { what: string }) {
  return (
    <li className="detail-note">The {what} was longer than the recording limit; the rest was not kept.</li>
  );
}
