// Where a project without a Playwright config has, or would have, its tests for the browser.
import { namesIn, type Project } from './project.ts';

const FOLDERS = ['e2e', 'tests/e2e', 'test/e2e', 'playwright'];
const SPEC = /\.(?:spec|test)\.[cm]?[jt]sx?$/;

export function testsOf(project: Project): { readonly testDir: string; readonly hasTests: boolean } {
  const found = FOLDERS.find((folder) => namesIn(project, folder).length > 0);
  const testDir = found ?? 'e2e';
  return { testDir, hasTests: namesIn(project, testDir).some((name) => SPEC.test(name)) };
}
