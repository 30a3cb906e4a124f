// Django: manage.py, and the settings that it names.
import { join } from 'node:path';
import { at, firstOf, isFile, isFolder, namesIn, type Project } from '../project.ts';
import { existing, type MigrationTool, textOf } from './migration-tool.ts';

const RUNNERS: readonly (readonly [file: string, python: string])[] = [
  ['uv.lock', 'uv run python'],
  ['poetry.lock', 'poetry run python'],
  ['Pipfile.lock', 'pipenv run python'],
  ['.venv/bin/python', '.venv/bin/python'],
  ['venv/bin/python', 'venv/bin/python'],
];

export function django(project: Project): MigrationTool | undefined {
  const manage = textOf(project, 'manage.py');
  const index = manage.search(/DJANGO_SETTINGS_MODULE/);
  if (index < 0) return undefined;
  const module = /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([\w.]+)['"]/.exec(manage)?.[1] ?? '';
  const base = module.replaceAll('.', '/');
  const settings = firstOf(project, [`${base}.py`, `${base}/__init__.py`]);
  const folder = base.split('/')[0] ?? '';
  const files = [settings, ...['base', 'common', 'local', 'dev'].map((name) => `${folder}/settings/${name}.py`)];
  const configs = [...new Set(files)].filter(
    (file) => file !== undefined && isFile(join(project.folder, file)),
  ) as string[];
  const text = configs.map((file) => textOf(project, file)).join('\n');
  const apps = namesIn(project, '.').filter((name) => isFolder(join(project.folder, name, 'migrations')));
  const inputs = [
    ...apps.map((name) => `${name}/migrations/*.py`),
    // What loaddata reads, whatever it is that calls it.
    ...existing(
      project,
      apps.map((name) => `${name}/fixtures`),
    ),
    // Which apps there are: those of packages have migrations, too.
    ...existing(project, [settings]),
  ];
  return {
    name: 'Django',
    at: at('manage.py', manage, index),
    dialect: /\bENGINE['"]\s*:\s*['"][\w.]*\.(postgresql|postgis|mysql|sqlite3|oracle|spatialite)/.exec(text)?.[1],
    from: 'system',
    migrate: { runs: /\bmanage\.py\s+migrate\b/, command: `${python(project)} manage.py migrate --noinput` },
    inputs,
    configs,
  };
}

/** How the project's Python is started. */
export function python(project: Project): string {
  return RUNNERS.find(([file]) => isFile(join(project.folder, file)))?.[1] ?? 'python3';
}
