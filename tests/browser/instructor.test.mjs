// The instructor's page: whether the workshop has what it needs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium, inWorkshop, server, until } from './harness.mjs';

inWorkshop();

test('the link opens the page, which says what is there, what is missing, and what needs the internet', async () => {
  const key = readFileSync(join(server.dir, 'data/instructor.key'), 'utf8').trim();
  const page = await (await chromium.newContext()).newPage();
  await page.goto(`${server.address}/instructor#${key}`);
  const row = (image) => page.getByRole('row').filter({ hasText: image });
  await row('debian:latest').getByText('da', { exact: true }).waitFor();
  assert.match(await row('nginx:latest').innerText(), /fehlt\s+not built yet/);
  assert.match(await page.getByRole('status').innerText(), /^\d von \d Images fehlen/);
  assert.match(await page.locator('main').innerText(), /docker login registry\.example\.org\s+Folie \d+/);
  assert.equal(page.url(), `${server.address}/instructor`, 'the key is out of the address');

  await page.reload();
  await row('debian:latest').waitFor();
  const href = await row('debian:latest').getByRole('link').first().getAttribute('href');
  assert.match(href, /^\/#\/\d+\/\d+$/);
});

test('without the key nobody sees it', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(`${server.address}/instructor`);
  const field = page.getByLabel('Link oder Schlüssel');
  await field.fill('x'.repeat(43));
  await field.press('Enter');
  await until('it says that this is not the key', async () => /nicht der Schlüssel/.test(await page.getByRole('alert').innerText()));
  await field.fill(readFileSync(join(server.dir, 'data/instructor.key'), 'utf8'));
  await field.press('Enter');
  await page.getByRole('row').filter({ hasText: 'debian:latest' }).waitFor();
});
