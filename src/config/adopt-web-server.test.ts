// What Playwright starts by itself with STACKS=off.
import { expect, test } from '@playwright/test';
import { withOwnPorts } from './adopt-web-server.ts';

test('with STACKS=off placeholders are the servers of development', () => {
  const web = {
    command: 'next dev -p {port}',
    url: 'https://app.localhost:3000/healthz',
    env: { API: 'http://localhost:{port:api}', LINKS: '{url}/mail', DOCS: '{url:api}/docs' },
  };
  const api = { name: 'api', command: 'api --port {port} --base %{url} {url}', port: 4000 };
  expect(withOwnPorts([web, api])).toEqual([
    {
      ...web,
      command: 'next dev -p 3000',
      env: {
        API: 'http://localhost:4000',
        LINKS: 'https://app.localhost:3000/mail',
        DOCS: 'http://localhost:4000/docs',
      },
    },
    { ...api, command: 'api --port 4000 --base %{url} http://localhost:4000' },
  ]);
});
