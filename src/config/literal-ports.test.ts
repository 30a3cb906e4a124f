import { expect, test } from '@playwright/test';
import { literalPorts } from './literal-ports.ts';
import { serverMistakes } from './server-mistakes.ts';

test('a port that is written into a command is found, however the server takes it', () => {
  for (const [command, edited] of [
    ['npm run web -- --port 5173', 'npm run web -- --port {port}'],
    ['npx vite --port=5173 --host', 'npx vite --port={port} --host'],
    ['PORT=3999 npm start', 'PORT={port} npm start'],
    ['cross-env NODE_ENV=test PORT="3999" node app.js', 'cross-env NODE_ENV=test PORT="{port}" node app.js'],
    ['npm run build && next start -p 3000', 'npm run build && next start -p {port}'],
    ['npx serve -l 8080 dist', 'npx serve -l {port} dist'],
    ['java -jar app.jar --server.port=8080', 'java -jar app.jar --server.port={port}'],
    ['gunicorn app:app --bind 0.0.0.0:8000', 'gunicorn app:app --bind 0.0.0.0:{port}'],
    ['gunicorn -b :8000 app:app', 'gunicorn -b :{port} app:app'],
    ['php -S localhost:8000', 'php -S localhost:{port}'],
    ['python manage.py runserver --noreload 0.0.0.0:8000', 'python manage.py runserver --noreload 0.0.0.0:{port}'],
    ['python3 -m http.server 8000', 'python3 -m http.server {port}'],
  ] as const) {
    expect(literalPorts(command)?.edited, command).toBe(edited);
    expect(literalPorts(edited), edited).toBeUndefined();
  }
});

test('other numbers are no port of the server', () => {
  for (const command of [
    'node --inspect=9229 app.js',
    'node --inspect-port 9229 app.js',
    'tsc -p tsconfig.json && node app.js',
    'npx concurrently -p 4 "npm start"',
    'DB_PORT=5432 PGPORT=5432 npm start',
    'psql -p 5432 -c "SELECT 1" && npm start',
    'npx wait-on --port 5432; npm start',
    'docker run -p 8080:80 web',
    'mkdir -p 2026 && npm start',
    'npm start -- --db-port 5432 --timeout 5000',
    'npm start -- --port $PORT',
    'node app.js --port {port} --proxy http://127.0.0.1:9000',
  ]) {
    expect(literalPorts(command), command).toBeUndefined();
  }
});

test('it is a mistake, with the line to write', () => {
  const [mistake] = serverMistakes('server', { command: 'npm run web -- --port 5173', url: '/' }, []);
  expect(mistake).toEqual({
    path: 'server.command',
    text: "hard-codes port 5173, which slots cannot share. Use: command: 'npm run web -- --port {port}'",
  });
  expect(serverMistakes('server', { command: 'npm run web -- --port {port}', url: '/' }, [])).toEqual([]);
});
