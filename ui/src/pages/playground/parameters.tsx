import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import '../../components/field.css';
import {
  changeSettings,
  kDefaultSettings,
  kNumberSettings,
  parseSetting,
  useSettings,
  type NumberSetting,
} from './settings.ts';

export function Parameters() {
  const settings = useSettings();
  const [resets, setResets] = useState(0);
  const reset = () => {
    changeSettings(kDefaultSettings);
    setResets(resets + 1);
  };
  return (
    <aside className="parameters" aria-label="Parameters" key={resets}>
      <label className="parameter-block">
        <span>System prompt</span>
        <textarea
          rows={4}
          className="field"
          placeholder="You are a helpful assistant."
          value={settings.system}
          onChange={(event) => changeSettings({ system: event.target.value })}
        />
      </label>
      {kNumberSettings.map((setting) => (
        <NumberField key={setting.name} setting={setting} />
      ))}
      <label className="parameter-block">
        <span>Stop sequences, one a line</span>
        <textarea
          rows={2}
          className="field mono"
          defaultValue={settings.stop.join('\n')}
          onChange={(event) =>
            changeSettings({ stop: event.target.value.split('\n').filter(Boolean).slice(0, 4) })
          }
        />
      </label>
      <Button look="ghost" icon="redo" onClick={reset}>
        Reset to defaults
      </Button>
    </aside>
  );
}

/** Empty means the server's default. A wrong value is said at once and not used. */
function NumberField({ setting }: { setting: NumberSetting }) {
  const value = useSettings()[setting.name];
  const [text, setText] = useState(value === null ? '' : String(value));
  const parsed = parseSetting(setting, text);
  const problem = typeof parsed === 'object' && parsed !== null ? parsed.problem : null;
  const change = (next: string) => {
    setText(next);
    const result = parseSetting(setting, next);
    if (typeof result !== 'object' || result === null) changeSettings({ [setting.name]: result });
  };
  return (
    <label className="parameter" title={setting.help}>
      <span>{setting.label}</span>
      <input
        type="number"
        inputMode="decimal"
        className="field num"
        min={setting.min}
        max={setting.max}
        step={setting.step}
        placeholder="default"
        aria-invalid={problem !== null}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      {problem && (
        <small role="alert" className="parameter-problem">
          {problem}
        </small>
      )}
    </label>
  );
}
