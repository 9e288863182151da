import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import { useMay, type Capability } from '../api/me.ts';
import type { IconName } from '../components/icon.tsx';

export interface PageProps {
  parameters: Record<string, string>;
}

export interface Page {
  title: string;
  /** Where the navigation leads. */
  href: string;
  /** What the URL may look like: router/match.ts. */
  pattern: string;
  icon: IconName;
  /** Pressed after 'g'. */
  key: string;
  /** Whoever's role lacks it is not led there. */
  needs?: Capability;
  component: LazyExoticComponent<ComponentType<PageProps>>;
}

/** Every page of the product. A new page is one entry here and one folder in src/pages/. */
export const kPages: Page[] = [
  {
    title: 'Home',
    href: '/',
    pattern: '/',
    icon: 'home',
    key: 'h',
    component: lazy(() => import('../pages/home/home_page.tsx')),
  },
  {
    title: 'Playground',
    href: '/playground',
    pattern: '/playground',
    icon: 'playground',
    key: 'p',
    component: lazy(() => import('../pages/playground/playground_page.tsx')),
    needs: 'call_models',
  },
  {
    title: 'Requests',
    href: '/requests',
    pattern: '/requests/:id?',
    icon: 'requests',
    key: 'r',
    component: lazy(() => import('../pages/requests/requests_page.tsx')),
    needs: 'read_own_requests',
  },
  {
    title: 'Experiments',
    href: '/experiments',
    pattern: '/experiments/:id?/:run?',
    icon: 'flask',
    key: 'e',
    component: lazy(() => import('../pages/experiments/experiments_page.tsx')),
    needs: 'read_runs',
  },
  {
    title: 'Models',
    href: '/models',
    pattern: '/models/:name?/:version?',
    icon: 'model',
    key: 'm',
    component: lazy(() => import('../pages/models/models_page.tsx')),
    needs: 'read_runs',
  },
  {
    title: 'Prompts',
    href: '/prompts',
    pattern: '/prompts/:name?/:version?',
    icon: 'prompt',
    key: 't',
    component: lazy(() => import('../pages/prompts/prompts_page.tsx')),
    needs: 'read_runs',
  },
  {
    title: 'Lineage',
    href: '/lineage',
    pattern: '/lineage',
    icon: 'lineage',
    key: 'l',
    component: lazy(() => import('../pages/lineage/lineage_page.tsx')),
    needs: 'read_runs',
  },
  {
    title: 'Gateway',
    href: '/gateway',
    pattern: '/gateway/:tab?/:id?',
    icon: 'gateway',
    key: 'g',
    component: lazy(() => import('../pages/gateway/gateway_page.tsx')),
    needs: 'read_gateway',
  },
  {
    title: 'Cost',
    href: '/cost',
    pattern: '/cost',
    icon: 'cost',
    key: 'c',
    component: lazy(() => import('../pages/cost/cost_page.tsx')),
    needs: 'read_cost',
  },
  {
    title: 'Keys & budgets',
    href: '/keys',
    pattern: '/keys/:kind?/:id?',
    icon: 'key',
    key: 'k',
    component: lazy(() => import('../pages/keys/keys_page.tsx')),
    needs: 'read_keys',
  },
  {
    title: 'Users & roles',
    href: '/users',
    pattern: '/users/:tab?/:id?',
    icon: 'users',
    key: 'u',
    component: lazy(() => import('../pages/users/users_page.tsx')),
    needs: 'manage_tokens',
  },
  {
    title: 'Audit',
    href: '/audit',
    pattern: '/audit/:id?',
    icon: 'audit',
    key: 'a',
    component: lazy(() => import('../pages/audit/audit_page.tsx')),
    needs: 'read_audit',
  },
];

/** The pages that the caller's role may see. */
export function usePages(): Page[] {
  const may = useMay();
  return kPages.filter(({ needs }) => needs === undefined || may(needs));
}
