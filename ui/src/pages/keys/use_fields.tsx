import { Button, IconButton } from '../../components/button.tsx';
import { Field, FieldGroup } from '../../components/form.tsx';
import { Select } from '../../components/select.tsx';
import type { LimitKind, Period } from '../../api/access_types.ts';
import { kLimitKinds, kPeriods, windowOptions, type LimitDraft, type UseDraft } from './use_draft.ts';

interface Props {
  draft: UseDraft;
  onChange: (change: Partial<UseDraft>) => void;
}

const kLimitsMax = 16;
export const kUseFieldNames = ['limits', 'budget', 'models', 'endpoints'] as const;

/** Budget, limits and scopes: the part that keys and groups have in common. */
export function UseFields({ draft, onChange }: Props) {
  return (
    <>
      <BudgetField draft={draft} onChange={onChange} />
      <LimitsField limits={draft.limits} onChange={(limits) => onChange({ limits })} />
      <div className="form-columns">
        <ListField
          label="Models"
          name="models"
          value={draft.models}
          placeholder={'gpt-*\nsmall'}
          onChange={(models) => onChange({ models })}
        />
        <ListField
          label="Endpoints"
          name="endpoints"
          value={draft.endpoints}
          placeholder={'chat.completions\nembeddings'}
          onChange={(endpoints) => onChange({ endpoints })}
        />
      </div>
    </>
  );
}

function BudgetField({ draft, onChange }: Props) {
  return (
    <FieldGroup
      label="Budget"
      name="budget"
      help="In US dollars; empty: none. Periods are those of the calendar in UTC."
    >
      <div className="form-row">
        <input
          className="field num use-amount"
          aria-label="Budget in US dollars"
          inputMode="decimal"
          placeholder="none"
          value={draft.budgetUsd}
          onChange={(event) => onChange({ budgetUsd: event.target.value })}
        />
        <Select
          label="Budget period"
          value={draft.budgetPer}
          options={Object.entries(kPeriods).map(([value, label]) => ({ value, label }))}
          onChange={(per) => onChange({ budgetPer: per as Period })}
        />
      </div>
    </FieldGroup>
  );
}

function LimitsField({
  limits,
  onChange,
}: {
  limits: LimitDraft[];
  onChange: (limits: LimitDraft[]) => void;
}) {
  const change = (index: number, part: Partial<LimitDraft>) =>
    onChange(limits.map((limit, at) => (at === index ? { ...limit, ...part } : limit)));
  return (
    <FieldGroup
      label="Limits"
      name="limits"
      help={limits.length === 0 ? 'None: calls are not counted.' : undefined}
    >
      {limits.map((limit, index) => (
        <div key={index} className="form-row" role="group" aria-label={`Limit ${index + 1}`}>
          <input
            className="field num use-amount"
            aria-label="Amount"
            placeholder="500k"
            value={limit.amount}
            onChange={(event) => change(index, { amount: event.target.value })}
          />
          <Select
            label="What is counted"
            value={limit.kind}
            options={Object.entries(kLimitKinds).map(([value, label]) => ({ value, label }))}
            onChange={(kind) => change(index, { kind: kind as LimitKind, per_s: limit.per_s || 60 })}
          />
          {limit.kind !== 'concurrent' && (
            <Select
              label="In which time"
              value={String(limit.per_s)}
              options={windowOptions(limit.per_s)}
              onChange={(perS) => change(index, { per_s: Number(perS) })}
            />
          )}
          <IconButton
            icon="trash"
            label={`Remove limit ${index + 1}`}
            onClick={() => onChange(limits.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {limits.length < kLimitsMax && (
        <div>
          <Button
            icon="plus"
            onClick={() => onChange([...limits, { kind: 'requests', amount: '', per_s: 60 }])}
          >
            Add a limit
          </Button>
        </div>
      )}
    </FieldGroup>
  );
}

interface ListProps {
  label: string;
  name: string;
  value: string;
  placeholder: string;
  onChange: (value: string) => void;
}

function ListField({ label, name, value, placeholder, onChange }: ListProps) {
  return (
    <Field label={label} name={name} help="One a line; empty: all.">
      {(control) => (
        <textarea
          {...control}
          className="field mono"
          rows={2}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
