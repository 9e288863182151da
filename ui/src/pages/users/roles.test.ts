import { expect, test } from 'vitest';
import type { User } from '../../api/account_types.ts';
import { loginWords, roleIn, roleOptions } from './roles.ts';

const user = (part: Partial<User>) =>
  ({ memberships: [], has_password: false, single_sign_on: false, ...part }) as User;

test('only owners may make owners', () => {
  expect(roleOptions(false).map(({ value }) => value)).toEqual(['viewer', 'annotator', 'developer', 'admin']);
  expect(roleOptions(true).at(-1)?.value).toBe('owner');
});

test('a role is that of the project', () => {
  const ada = user({ memberships: [{ project: 'search', role: 'admin' }] });
  expect(roleIn(ada, 'search')).toBe('admin');
  expect(roleIn(ada, 'default')).toBeNull();
});

test('says how somebody logs in', () => {
  expect(loginWords(user({ has_password: true, single_sign_on: true }))).toBe('password, single sign-on');
  expect(loginWords(user({}))).toBe('single sign-on, not yet used');
});
