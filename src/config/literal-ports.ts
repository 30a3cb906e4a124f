// Ports that are written into a server's command: two slots cannot both listen there.

/** Where servers of all kinds take their port, in the ways that they are started. */
const PORTS: readonly RegExp[] = [
  // `npm run web -- --port 5173`, `java -jar app.jar --server.port=8080`, `uvicorn --bind 0.0.0.0:8000`
  /(?<=\s--(?:(?:server|http)[.-])?port[=\s]\s*)(\d{2,5})(?![\w.:/-])/g,
  /(?<=\s--(?:listen|bind|address)[=\s]\s*(?:[\w.[\]:/-]*:)?)(\d{2,5})(?![\w.:/-])/g,
  // `next start -p 3000`, `serve -l 3000`, `gunicorn -b :8000`; not `-p tsconfig.json`, `-p 4`, `docker run -p 80:80`
  /(?<=\s-[plP][=\s]?)(\d{3,5})(?![\w.:/-])/g,
  /(?<=\s-[bS]\s+[\w.[\]-]*:)(\d{3,5})(?![\w.:/-])/g,
  /(?<=\b(?:runserver|http\.server)\s+(?:--\S+\s+)*(?:[\w.]+:)?)(\d{3,5})(?![\w.:/-])/g,
  // `PORT=3999 npm start`; not `DB_PORT=5432`
  /(?<=(?:^|[\s'"])PORT=(['"]?))(\d{2,5})(?=\1(?:\s|$))/g,
];

/** Programs that go to a server of another kind, or to none, and do not listen. */
const CLIENTS =
  /^\s*(?:[A-Z_]\w*=\S*\s+)*(?:npx\s+)?(?:psql|pg_\w+|createdb|dropdb|redis-\w+|mysql\w*|docker|podman|kubectl|ssh|wait-(?:on|for)\S*|wait-port|nc|curl|mkdir|cp|mv|ls|ln|rm|tar|kill|sleep|echo|cd|git)\b/;

/** The ports, and the command with `{port}` in their place; undefined: there is none. */
export function literalPorts(
  command: string,
): { readonly ports: readonly string[]; readonly edited: string } | undefined {
  const ports = new Set<string>();
  const edited = command
    .split(/(&&|\|\||[;|])/)
    .map((part) => {
      if (CLIENTS.test(part)) return part;
      return PORTS.reduce(
        (text, pattern) =>
          text.replace(pattern, (...match) => {
            const port = match.find((group) => typeof group === 'string' && /^\d+$/.test(group));
            ports.add(String(port));
            return '{port}';
          }),
        part,
      );
    })
    .join('');
  return ports.size === 0 ? undefined : { ports: [...ports], edited };
}
