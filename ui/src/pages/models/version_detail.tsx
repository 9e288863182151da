import type { ModelVersion } from '../../api/mlflow_types.ts';
import { isOwnTag, valueOf } from '../../api/run_facts.ts';
import type { EntryKind } from '../../api/registry_queries.ts';
import { Fact, FactList, Section } from '../../components/facts.tsx';
import { Detail } from '../../components/split.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import '../../components/values.css';
import { Link } from '../../router/router.tsx';
import { PromptDiff } from '../prompts/prompt_diff.tsx';
import { PromptText } from '../prompts/prompt_text.tsx';
import { PromptTrial } from '../prompts/prompt_trial.tsx';

interface Props {
  kind: EntryKind;
  version: ModelVersion;
  others: string[];
  onClose: () => void;
}

export function VersionDetail({ kind, version, others, onClose }: Props) {
  const { name, version: number } = version;
  const node = `version:${kind}/${name}/${number}`;
  return (
    <Detail
      label="Version"
      bodyLabel="Facts of the version"
      title={<span className="clip">Version {number}</span>}
      onClose={onClose}
    >
      <div className="detail-title">
        <h2>
          {name} v{number}
        </h2>
        {version.aliases?.map((alias) => (
          <span key={alias} className="alias">
            @{alias}
          </span>
        ))}
        <Link href={`/lineage?node=${encodeURIComponent(node)}`}>Lineage</Link>
      </div>
      {version.description && <p className="detail-note">{version.description}</p>}
      {kind === 'prompt' ? (
        <Tabs
          label="Parts of the prompt"
          tabs={[
            { name: 'Template', content: <PromptText version={version} /> },
            { name: 'Changes', content: <PromptDiff name={name} version={number} others={others} /> },
            { name: 'Try', content: <PromptTrial version={version} /> },
            { name: 'Facts', content: <Facts version={version} /> },
          ]}
        />
      ) : (
        <Facts version={version} />
      )}
    </Detail>
  );
}

function Facts({ version }: { version: ModelVersion }) {
  const tags = (version.tags ?? []).filter(({ key }) => isOwnTag(key) && !key.startsWith('_mlflow'));
  return (
    <div className="version-facts">
      <FactList>
        {version.creation_timestamp !== undefined && (
          <Fact name="Created">
            <Time us={version.creation_timestamp * 1000} as="instant" />
          </Fact>
        )}
        {version.source && version.source !== 'prompt-template' && (
          <Fact name="Source">
            <span className="mono fact-source">{version.source}</span>
          </Fact>
        )}
        {version.run_id && (
          <Fact name="Run">
            <Link href={`/lineage?node=${encodeURIComponent(`run:${version.run_id}`)}`}>
              {version.run_id.slice(0, 12)}
            </Link>
          </Fact>
        )}
        {version.model_id && <Fact name="Logged model">{version.model_id}</Fact>}
        {version.current_stage && version.current_stage !== 'None' && (
          <Fact name="Stage">{version.current_stage}</Fact>
        )}
        {valueOf(version.tags, 'mlflow.prompt.commit_message') && (
          <Fact name="Message">{valueOf(version.tags, 'mlflow.prompt.commit_message')}</Fact>
        )}
      </FactList>
      {tags.length > 0 && (
        <Section title="Tags">
          <table className="values">
            <tbody>
              {tags.map(({ key, value }) => (
                <tr key={key}>
                  <th scope="row">{key}</th>
                  <td className="mono">{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
    </div>
  );
}
