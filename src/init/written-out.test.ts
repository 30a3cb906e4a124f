// A database that a tool's config names itself is every slot's: what migrates would reach the developer's.
import { expect } from '@playwright/test';
import { initIn, test } from './testing/tree.ts';

const MANIFEST = {
  scripts: { start: 'node server.js' },
  dependencies: { knex: '3', pg: '8', express: '5' },
  devDependencies: { '@playwright/test': '*', 'playwright-stacks': '*' },
};
const PLAYWRIGHT = `export default { webServer: { command: 'PORT=3000 npm start', port: 3000 } };\n`;
const knexfile = (connection: string) =>
  `module.exports = {\n  client: 'pg',\n  connection: ${connection},\n  migrations: { directory: './migrations' },\n};\n`;

test('a database that is named in parts is said, and no slot is opened', async ({ tree }) => {
  for (const [connection, database] of [
    [`{ host: 'localhost', database: 'shop' }`, 'shop'],
    [`{ "host": process.env.DB_HOST, "database": "shop" }`, 'shop'],
    ['{ database: `shop-dev`, user: process.env.DB_USER }', 'shop-dev'],
  ]) {
    tree.write({
      'package.json': MANIFEST,
      'playwright.config.ts': PLAYWRIGHT,
      'knexfile.js': knexfile(connection ?? ''),
      'migrations/1.js': '',
    });
    const { text, looked } = await initIn(tree);
    expect(text).toContain(`knexfile.js:3 names the database "${database}" itself, which is then every slot's`);
    expect(text).toContain('Written. No slot is opened: what migrates would reach the database');
    expect(looked).toEqual([]);
    expect(tree.read('playwright.config.ts')).toContain('withStacks(');
  }
});

test('a database that comes from a variable, or is there for want of one, is a slot’s', async ({ tree }) => {
  for (const connection of [
    `process.env.SHOP_DB_URL`,
    `process.env.SHOP_DB_URL || { host: 'localhost', database: 'shop' }`,
    `process.env.SHOP_DB_URL ?? {\n    host: 'localhost',\n    database: 'shop',\n  }`,
    `{ host: process.env.DB_HOST, database: process.env.DB_NAME || 'shop' }`,
    `{ host: process.env.DB_HOST, database: process.env.DB_NAME } // database: 'shop'`,
  ]) {
    tree.write({
      'package.json': MANIFEST,
      'playwright.config.ts': PLAYWRIGHT,
      'knexfile.js': knexfile(connection),
      'migrations/1.js': '',
    });
    const { text, looked } = await initIn(tree);
    expect(text).not.toContain('names the database');
    expect(looked, connection).toHaveLength(1);
  }
});
