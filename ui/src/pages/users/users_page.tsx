import { useMay } from '../../api/me.ts';
import type { PageProps } from '../../app/pages.ts';
import { Empty } from '../../components/notice.tsx';
import { PageTabs } from '../../components/page_tabs.tsx';
import { AccountTab } from './account_tab.tsx';
import { PeopleTab } from './people_tab.tsx';
import { ProjectsTab } from './projects_tab.tsx';
import { SessionsTab } from './sessions_tab.tsx';
import { TokensTab } from './tokens_tab.tsx';
import './users_page.css';

/** Who may do what here, and one's own tokens, logins and password. */
export default function UsersPage({ parameters }: PageProps) {
  const may = useMay();
  const tabs = [
    ...(may('manage_users') ? [{ name: 'people', title: 'People' }] : []),
    { name: 'projects', title: 'Projects' },
    { name: 'tokens', title: 'API tokens' },
    { name: 'sessions', title: 'Sessions' },
    { name: 'password', title: 'Password' },
  ];
  const tab = parameters.tab ?? tabs[0]?.name ?? '';
  return (
    <>
      <header className="page-bar">
        <h1>Users & roles</h1>
        <PageTabs label="Users and roles" base="/users" tabs={tabs} current={tab} />
      </header>
      {tab === 'people' && <PeopleTab openId={parameters.id ?? null} />}
      {tab === 'projects' && <ProjectsTab />}
      {tab === 'tokens' && <TokensTab />}
      {tab === 'sessions' && <SessionsTab />}
      {tab === 'password' && <AccountTab />}
      {!tabs.some(({ name }) => name === tab) && (
        <Empty title="There is nothing of this name, or not for your role" />
      )}
    </>
  );
}
