import { kRoles, type Role, type User } from '../../api/account_types.ts';

/** What each role may do, in words; the server's own table decides (src/access/roles.cc). */
const kRoleWords: Record<Role, string> = {
  viewer: 'sees requests, cost, keys and routes',
  annotator: 'also reviews and rates answers',
  developer: 'also calls models and makes versions',
  admin: 'also manages keys, gateway and people',
  owner: 'also manages projects and owners',
};

export const kDefaultProject = 'default';

export function roleOptions(mayMakeOwners: boolean): { value: string; label: string; hint: string }[] {
  return kRoles
    .filter((role) => mayMakeOwners || role !== 'owner')
    .map((role) => ({ value: role, label: role, hint: kRoleWords[role] }));
}

export function roleIn(user: User, project: string): Role | null {
  return user.memberships.find((membership) => membership.project === project)?.role ?? null;
}

/** How somebody logs in. */
export function loginWords(user: User): string {
  const ways = [user.has_password && 'password', user.single_sign_on && 'single sign-on'].filter(Boolean);
  return ways.join(', ') || 'single sign-on, not yet used';
}
