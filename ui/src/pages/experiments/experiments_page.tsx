import type { PageProps } from '../../app/pages.ts';
import { useExperiments } from '../../api/tracking_queries.ts';
import { Failure, Loading } from '../../components/notice.tsx';
import { Link } from '../../router/router.tsx';
import { CompareView } from './compare_view.tsx';
import { ExperimentList } from './experiment_list.tsx';
import { RunsView } from './runs_view.tsx';
import './experiments_page.css';

/** What was tried: experiments, their runs, and how runs differ. */
export default function ExperimentsPage({ parameters }: PageProps) {
  const experiments = useExperiments();
  const { id, run } = parameters;
  const open = experiments.data?.find(({ experiment_id }) => experiment_id === id);
  return (
    <>
      <header className="page-bar">
        <h1>{id === undefined ? 'Experiments' : <Link href="/experiments">Experiments</Link>}</h1>
        {id !== undefined && (
          <span className="crumb clip" title={open?.name}>
            / <Link href={`/experiments/${encodeURIComponent(id)}`}>{open?.name ?? id}</Link>
            {run === 'compare' && ' / compare'}
          </span>
        )}
      </header>
      {experiments.error && <Failure error={experiments.error} onRetry={() => void experiments.refetch()} />}
      {experiments.isPending && <Loading what="experiments" />}
      {experiments.data && id === undefined && <ExperimentList experiments={experiments.data} />}
      {id !== undefined && run !== 'compare' && <RunsView key={id} experimentId={id} openRun={run ?? null} />}
      {id !== undefined && run === 'compare' && <CompareView experimentId={id} />}
    </>
  );
}
