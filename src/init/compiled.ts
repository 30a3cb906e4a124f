// Whether the project's build compiles whatever TypeScript lies in its folder: a config beside the sources would be
// compiled with them, and what is built would lie in another place than before.
import { firstOf, type Project, sourceOf } from './project.ts';

const COMPILES = /\bnest\s+build\b|(?:^|&&\s*)(?:npx\s+)?tsc\b(?!.*--noEmit)/;

export function compilesAll(project: Project): boolean {
  const { build = '' } = project.scripts;
  if (!COMPILES.test(build)) return false;
  const named = /\s(?:-p|--project)[=\s]+(\S+\.json)/.exec(build)?.[1];
  const usual = /\bnest\b/.test(build) ? ['tsconfig.build.json', 'tsconfig.json'] : ['tsconfig.json'];
  const config = firstOf(project, named === undefined ? usual : [named]);
  // One that extends another has what that has.
  const texts = [config, 'tsconfig.json'].flatMap((file) =>
    file === undefined ? [] : (sourceOf(project, file) ?? []),
  );
  return texts.length > 0 && texts.every((text) => !/"(?:include|files)"\s*:/.test(text));
}
