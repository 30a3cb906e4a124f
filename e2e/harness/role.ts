// Roles on the existing server.
import type { ExistingServer } from './existing-server.ts';
import { test as base } from './test.ts';

interface Role {
  readonly name: string;
  /** Connection string with the role's password, to the database `postgres`. */
  readonly url: string;
}

/** `role(attributes, name)` makes a role that goes, with what it owns, when the test ends. */
export const test = base.extend<{ role: (attributes: string, name?: string) => Promise<Role> }>({
  role: async ({ existingServer }, use) => {
    const made: string[] = [];
    await use(async (attributes, name = `role_${process.pid}`) => {
      made.push(name);
      await existingServer.adminQuery(`CREATE ROLE ${name} LOGIN PASSWORD 'p@ss:w/ord' ${attributes}`);
      const url = new URL(existingServer.url);
      url.username = name;
      url.password = encodeURIComponent('p@ss:w/ord');
      return { name, url: url.href };
    });
    for (const name of made) await dropRole(existingServer, name);
  },
});

async function dropRole({ adminQuery }: ExistingServer, name: string): Promise<void> {
  const own = `SELECT datname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE rolname = '${name}'`;
  for (const { datname } of await adminQuery(own)) {
    await adminQuery(`ALTER DATABASE "${datname}" IS_TEMPLATE false`);
    await adminQuery(`DROP DATABASE "${datname}"`);
  }
  // Its entries in the registry.
  await adminQuery(`DROP OWNED BY ${name}`);
  await adminQuery(`DROP ROLE ${name}`);
}

export { expect } from './test.ts';
