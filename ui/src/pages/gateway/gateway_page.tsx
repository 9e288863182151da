import type { PageProps } from '../../app/pages.ts';
import { PageTabs } from '../../components/page_tabs.tsx';
import { Empty } from '../../components/notice.tsx';
import { ConfigTab } from './config_tab.tsx';
import { ProvidersTab } from './providers_tab.tsx';
import { RoutesTab } from './routes_tab.tsx';
import { VersionsTab } from './versions_tab.tsx';
import './gateway_page.css';

const kTabs = [
  { name: 'routes', title: 'Routes' },
  { name: 'providers', title: 'Providers' },
  { name: 'config', title: 'Configuration' },
  { name: 'versions', title: 'Versions' },
];

/** Where calls go and how that is going, and the configuration that says so. */
export default function GatewayPage({ parameters }: PageProps) {
  const tab = parameters.tab ?? 'routes';
  return (
    <>
      <header className="page-bar">
        <h1>Gateway</h1>
        <PageTabs label="Gateway" base="/gateway" tabs={kTabs} current={tab} />
      </header>
      {tab === 'routes' && <RoutesTab openName={parameters.id ?? null} />}
      {tab === 'providers' && <ProvidersTab />}
      {tab === 'config' && <ConfigTab />}
      {tab === 'versions' && <VersionsTab openNumber={Number(parameters.id) || null} />}
      {!kTabs.some(({ name }) => name === tab) && <Empty title="There is no such part of the gateway" />}
    </>
  );
}
