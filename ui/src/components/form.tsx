import { createContext, useContext, useId, type FormEvent, type ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { Button } from './button.tsx';
import { isAt } from './field_path.ts';
import { Failure } from './notice.tsx';
import './field.css';
import './form.css';

interface FormState {
  error: unknown;
}

const FormContext = createContext<FormState>({ error: null });

interface FormProps {
  label: string;
  onSubmit: () => void;
  /** What the server said to the last try. */
  error: unknown;
  /** The fields of this form, by the names the server uses: what it says of them stands beside them. */
  fields: readonly string[];
  children: ReactNode;
}

/** Native form behaviour (Enter submits), with what the server refused at the field that it named. */
export function Form({ label, onSubmit, error, fields, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  const field = error instanceof ApiError ? error.field : undefined;
  const hasPlace = field !== undefined && fields.some((name) => isAt(field, name));
  return (
    <FormContext value={{ error }}>
      <form className="form" aria-label={label} onSubmit={submit} noValidate>
        {children}
        {error !== null && error !== undefined && !hasPlace && <Failure error={error} />}
      </form>
    </FormContext>
  );
}

/** The server's words about this field; null if it said nothing. */
export function useFieldError(name: string): string | null {
  const { error } = useContext(FormContext);
  return error instanceof ApiError && error.field !== undefined && isAt(error.field, name)
    ? error.message
    : null;
}

interface FieldProps {
  label: string;
  /** The server's name of it. */
  name: string;
  help?: ReactNode;
  children: (control: ControlProps) => ReactNode;
}

/** What a control needs so that its label, help and error are read with it. */
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

export function Field({ label, name, help, children }: FieldProps) {
  const id = useId();
  const error = useFieldError(name);
  const noteId = error || help ? `${id}-note` : undefined;
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': noteId, 'aria-invalid': error !== null })}
      <FieldNote id={noteId} error={error} help={help} />
    </div>
  );
}

/** For several controls that make one field. */
export function FieldGroup({
  label,
  name,
  help,
  children,
}: Omit<FieldProps, 'children'> & { children: ReactNode }) {
  const id = useId();
  const error = useFieldError(name);
  return (
    <div className="form-field" role="group" aria-labelledby={id}>
      <span id={id} className="form-label">
        {label}
      </span>
      {children}
      <FieldNote error={error} help={help} />
    </div>
  );
}

function FieldNote({ id, error, help }: { id?: string | undefined; error: string | null; help?: ReactNode }) {
  if (error)
    return (
      <p id={id} className="form-error" role="alert">
        {error}
      </p>
    );
  return help ? (
    <p id={id} className="form-help">
      {help}
    </p>
  ) : null;
}

interface TextProps {
  label: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  type?: 'text' | 'password' | 'email' | 'datetime-local';
  placeholder?: string;
  autoComplete?: string;
  autoFocus?: boolean;
  mono?: boolean;
  suggestions?: string[];
  disabled?: boolean;
}

export function TextField({ label, name, value, onChange, help, mono, suggestions, ...rest }: TextProps) {
  const listId = useId();
  return (
    <Field label={label} name={name} help={help}>
      {(control) => (
        <>
          <input
            {...control}
            {...rest}
            name={name}
            autoComplete={rest.autoComplete ?? 'off'}
            className={`field ${mono ? 'mono' : ''}`}
            list={suggestions ? listId : undefined}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {suggestions && (
            <datalist id={listId}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

interface ActionsProps {
  submit: string;
  isPending: boolean;
  isDisabled?: boolean;
  onCancel?: () => void;
  children?: ReactNode;
}

/** The form's buttons; the one that submits says that it is at work. */
export function FormActions({ submit, isPending, isDisabled = false, onCancel, children }: ActionsProps) {
  return (
    <div className="form-actions">
      {children}
      {onCancel && <Button onClick={onCancel}>Cancel</Button>}
      <Button look="primary" type="submit" disabled={isPending || isDisabled} isPending={isPending}>
        {submit}
      </Button>
    </div>
  );
}
