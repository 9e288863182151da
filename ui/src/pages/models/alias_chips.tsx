import type { Alias } from '../../api/mlflow_types.ts';

/** Which version each alias points at. */
export function AliasChips({ aliases }: { aliases: Alias[] }) {
  if (aliases.length === 0) return <span className="faint">–</span>;
  return (
    <span className="alias-chips">
      {aliases.map(({ alias, version }) => (
        <span key={alias} className="alias">
          @{alias} <b>v{version}</b>
        </span>
      ))}
    </span>
  );
}
