import { useMemo } from 'react';
import { diffFields, parseUnified, type DiffLine } from './diff.ts';
import './diff_view.css';

const kSigns = { same: ' ', added: '+', removed: '-', gap: '' };
const kWords = { same: '', added: 'added: ', removed: 'removed: ', gap: '' };

/** A unified diff; changed lines are marked by sign, colour and word. */
export function DiffView({ diff, label }: { diff: string; label: string }) {
  const lines = useMemo(() => parseUnified(diff), [diff]);
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  if (lines.length === 0) return <p className="soft">Nothing differs.</p>;
  return (
    <figure className="diff">
      <figcaption className="num">
        <b className="diff-plus">+{count('added')}</b> <b className="diff-minus">−{count('removed')}</b> lines
      </figcaption>
      <div className="diff-body mono" role="region" aria-label={label} tabIndex={0}>
        {lines.map((line, index) =>
          line.kind === 'gap' ? (
            <p key={index} className="diff-gap">
              {line.text}
            </p>
          ) : (
            <Line key={index} line={line} />
          ),
        )}
      </div>
    </figure>
  );
}

function Line({ line }: { line: DiffLine }) {
  return (
    <div className={`diff-line diff-${line.kind}`}>
      <span className="diff-number" aria-hidden="true">
        {line.before}
      </span>
      <span className="diff-number" aria-hidden="true">
        {line.after}
      </span>
      <span aria-hidden="true">{kSigns[line.kind]}</span>
      <span className="diff-text">
        {kWords[line.kind] && <span className="visually-hidden">{kWords[line.kind]}</span>}
        {line.text}
      </span>
    </div>
  );
}

/** What differs between two JSON documents, a row a field. */
export function FieldDiff({ before, after }: { before: unknown; after: unknown }) {
  const changes = useMemo(() => diffFields(before, after), [before, after]);
  if (changes.length === 0) return <p className="soft">No field changed.</p>;
  const side = (text: string | null) => (text === null ? <span className="faint">–</span> : text);
  return (
    <div className="field-diff" role="region" aria-label="Changed fields" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody className="mono">
          {changes.map((change) => (
            <tr key={change.path}>
              <th scope="row">{change.path || 'value'}</th>
              <td className={change.before === null ? undefined : 'diff-removed'}>{side(change.before)}</td>
              <td className={change.after === null ? undefined : 'diff-added'}>{side(change.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
