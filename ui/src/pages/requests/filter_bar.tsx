import { useCallback, useMemo, useRef } from 'react';
import { useShortcuts } from '../../app/shortcuts.ts';
import { useModels } from '../../api/queries.ts';
import { filtersToUrl, isFiltered, kNoFilters, type RequestFilters } from '../../api/request_filters.ts';
import type { RequestSummary } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { FilterInput } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { TimeFilter } from '../../components/time_filter.tsx';
import '../../components/filters.css';
import type { SearchPatch } from '../../router/match.ts';

interface Props {
  filters: RequestFilters;
  /** What is loaded; its features and users are suggested. */
  rows: RequestSummary[];
  setUrl: (patch: SearchPatch) => void;
}

export function FilterBar({ filters, rows, setUrl }: Props) {
  const search = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', does: 'Filter the list', run: () => search.current?.focus() }]);
  const change = useCallback((patch: Partial<RequestFilters>) => setUrl(filtersToUrl(patch)), [setUrl]);
  const setText = useCallback((q: string) => change({ q }), [change]);
  const setFeature = useCallback((feature: string) => change({ feature }), [change]);
  const setUser = useCallback((user: string) => change({ user }), [change]);
  const features = useMemo(() => distinct(rows.map((row) => row.feature)), [rows]);
  const users = useMemo(() => distinct(rows.map((row) => row.user)), [rows]);
  return (
    <div className="filters" role="search" aria-label="Filter requests">
      <FilterInput
        ref={search}
        label="Text"
        placeholder="Search text  /"
        className="filter-text"
        value={filters.q}
        onChange={setText}
      />
      <ModelFilter value={filters.model} onChange={(model) => change({ model })} />
      <Segmented
        label="Status"
        value={filters.status || 'all'}
        options={[
          { value: 'all', label: 'All' },
          { value: 'ok', label: 'OK' },
          { value: 'error', label: 'Errors' },
        ]}
        onChange={(status) => change({ status: status === 'ok' || status === 'error' ? status : '' })}
      />
      <FilterInput
        label="Feature"
        placeholder="Feature"
        className="filter-tag"
        value={filters.feature}
        onChange={setFeature}
        suggestions={features}
      />
      <FilterInput
        label="User"
        placeholder="User"
        className="filter-tag"
        value={filters.user}
        onChange={setUser}
        suggestions={users}
      />
      <TimeFilter range={filters} onChange={change} />
      {isFiltered(filters) && (
        <Button look="ghost" icon="close" onClick={() => change(kNoFilters)}>
          Clear
        </Button>
      )}
    </div>
  );
}

function ModelFilter({ value, onChange }: { value: string; onChange: (model: string) => void }) {
  const { data: models } = useModels();
  const names = distinct([...(models ?? []).map((model) => model.name), value || null]);
  const options = [
    { value: '', label: 'All models' },
    ...names.map((name) => ({ value: name, label: name })),
  ];
  return (
    <Select label="Model" value={value} options={options} onChange={onChange} highlighted={value !== ''} />
  );
}

function distinct(values: (string | null)[]): string[] {
  return [...new Set(values.filter((value): value is string => Boolean(value)))].sort();
}
