// What tests put into fixtures/mini instead of its own: a config with other options, one spec file.

export interface ConfigText {
  /** Source of the members of Playwright's config, beside testDir, workers and timeout. */
  readonly config?: string;
  /** Source of `database`. */
  readonly database?: string;
  /** Source of `server`; '' for none. */
  readonly server?: string;
  /** Source of further options. */
  readonly options?: string;
  /** Source that stands before all, after the imports. */
  readonly before?: string;
}

/** The members of `database` in fixtures/mini. */
export const miniDatabase = `migrate: 'node sql.mjs migrations', seed: 'node sql.mjs seed', inputs: ['migrations/**', 'seed/**', 'sql.mjs']`;

/** fixtures/mini's config with the parts given instead of its own. */
export function configText({ config = '', database, server, options = '', before = '' }: ConfigText = {}): string {
  return `
    import { defineConfig } from '@playwright/test';
    import { withStacks } from 'playwright-stacks';
    ${before}
    export default withStacks(
      defineConfig({ testDir: 'e2e', workers: 2, timeout: 20_000, ${config} }),
      {
        database: { ${database ?? miniDatabase} },
        ${server === '' ? '' : `server: ${server ?? `{ command: 'node app.mjs', url: '/healthz' }`},`}
        ${options}
      },
    );
  `;
}

/** The files of fixtures/mini with one spec file instead of its four. */
export function only(spec: string): Record<string, string> {
  return { 'e2e/a.spec.ts': spec, 'e2e/b.spec.ts': '', 'e2e/c.spec.ts': '', 'e2e/d.spec.ts': '' };
}
