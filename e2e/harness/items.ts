// What spec files of fixtures/mini say again and again.

/** Helpers at the top of a consumer's spec file. */
export const top = (from = '@playwright/test') => `
  import { expect, test } from '${from}';
  const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);
  const add = async (request, name) => {
    const response = await request.post('/items', { data: name });
    expect(response.status(), await response.text()).toBe(200);
    return response.json();
  };
`;
