import type { PageProps } from '../../app/pages.ts';
import { RegistryPage } from '../models/registry_page.tsx';

/** Prompt templates by version: what changed, which one is in use, and what a model says to them. */
export default function PromptsPage({ parameters }: PageProps) {
  return <RegistryPage kind="prompt" name={parameters.name ?? null} version={parameters.version ?? null} />;
}
