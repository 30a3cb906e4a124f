// Scripts that may reach a database which is not the slot's, by what their names and texts say: production, another machine,
// a container, a value that is fetched. None of them is ever chosen.
import { dirname } from 'node:path';
import { withScripts } from '../config/source-files.ts';

export interface RefusedScript {
  readonly name: string;
  /** What it was recognized by: `docker`. */
  readonly says: string;
}

const PLACES =
  /(?<![a-z])(?:prod(?:uction)?|staging|stage|stg|live(?!-?(?:server|reload))|remote|uat|preprod|heroku|kubectl|helm|docker|podman|nerdctl|ssh|scp|fly|flyctl|vercel|netlify|railway|render|supabase|neonctl|wrangler|sst|gcloud|aws|doppler|infisical|chamber|terraform|ansible(?:-playbook)?)(?![a-z])/i;
const TEXTS: readonly RegExp[] = [
  PLACES,
  /\$\(|`/,
  /\bpostgres(?:ql)?:\/\//i,
  // It wins over the variables of the slot.
  /(?<![\w-])(?:\w*(?:DATABASE|POSTGRES)\w*|DB_\w+|PG(?:HOST|HOSTADDR|PORT|DATABASE|SERVICE))=/,
];
/** How builds and servers ask for their optimized form. */
const OPTIMIZED = /\bNODE_ENV=['"]?production\b|--(?:mode|configuration)[=\s]production\b/g;
const OF_DATABASE = /migrat|seed|prisma|drizzle|knex|typeorm|sequelize|mikro|kysely|dbmate|psql|\bdb\b/i;

/** Undefined: nothing speaks of another place. */
export function remoteWord(text: string): string | undefined {
  const plain = OF_DATABASE.test(text) ? text : text.replace(OPTIMIZED, '');
  const words = plain.replace(/([a-z])([A-Z])/g, '$1 $2');
  return TEXTS.map((pattern) => pattern.exec(words)?.[0]).find((found) => found !== undefined);
}

/** Of a server's command, which a run starts whatever is written: only other places count. */
export function remotePlace(command: string, cwd: string): string | undefined {
  const texts = withScripts([{ text: command, cwd }]).map(({ text }) => text.replace(OPTIMIZED, ''));
  return texts.map((text) => PLACES.exec(text)?.[0]).find((found) => found !== undefined);
}

/** The scripts that may be used, and the others. */
export function usableScripts(
  all: Readonly<Record<string, string>>,
  manifest: string,
): { readonly scripts: Readonly<Record<string, string>>; readonly refused: readonly RefusedScript[] } {
  const refused = Object.entries(all).flatMap(([name, text]): RefusedScript[] => {
    const around = [all[`pre${name}`], all[`post${name}`]].flatMap((each) => each ?? []);
    const called = [text, ...around].map((each) => ({ text: each, cwd: dirname(manifest) }));
    const texts = [name, ...withScripts(called).map((each) => each.text)];
    const says = texts.map(remoteWord).find((found) => found !== undefined);
    return says === undefined ? [] : [{ name, says: says.trim() }];
  });
  const names = new Set(refused.map(({ name }) => name));
  return { scripts: Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name))), refused };
}
