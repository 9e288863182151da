import { CopyButton } from './copy_button.tsx';
import { splitMessage, splitSpans } from './message_blocks.ts';
import './message_text.css';

/** A message's text with its code blocks set apart; never HTML from a model. */
export function MessageText({ text }: { text: string }) {
  return (
    <div className="message-text">
      {splitMessage(text).map((block, index) =>
        block.kind === 'code' ? (
          <div key={index} className="message-code">
            <div className="message-code-head">
              <span>{block.language || 'code'}</span>
              <CopyButton text={block.text} label="Copy the code" />
            </div>
            <pre tabIndex={0} aria-label="Code">
              {block.text}
            </pre>
          </div>
        ) : (
          <p key={index}>
            {splitSpans(block.text).map((span, at) =>
              span.kind === 'code' ? (
                <code key={at}>{span.text}</code>
              ) : span.kind === 'bold' ? (
                <b key={at}>{span.text}</b>
              ) : (
                span.text
              ),
            )}
          </p>
        ),
      )}
    </div>
  );
}
