import type { PageProps } from '../../app/pages.ts';
import { RegistryPage } from './registry_page.tsx';

/** What was trained or taken in, by version, and which version has which name in use. */
export default function ModelsPage({ parameters }: PageProps) {
  return <RegistryPage kind="model" name={parameters.name ?? null} version={parameters.version ?? null} />;
}
