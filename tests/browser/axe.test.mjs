// What axe finds on every view, in either theme: nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Learner, chromium, inWorkshop, server, until } from './harness.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
inWorkshop();

/** Takes note of what axe finds on a page as it is now. */
async function look(page, view, found) {
  await until(`${view} stands still`, () => page.evaluate(() => document.getAnimations().every((a) => a.playState === 'finished')));
  // By the debugger's door: the page's own policy lets no foreign script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  for (const { id, help, nodes } of violations) {
    for (const { target, failureSummary } of nodes) found.push(`${view}: ${id} (${help}) ${target}\n${failureSummary}`);
  }
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing on any view, ${colorScheme}`, async () => {
    const found = [];
    const stranger = await (await chromium.newContext({ colorScheme, viewport: { width: 1440, height: 900 } })).newPage();
    await stranger.goto(server.address);
    await stranger.getByRole('heading', { name: 'Docker: Eine Einführung' }).waitFor();
    assert.equal(await stranger.title(), 'Docker: Eine Einführung · Lernhafen');
    await look(stranger, 'start', found);
    await stranger.getByRole('textbox').fill('   ');
    await stranger.getByRole('textbox').press('Enter');
    await stranger.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
    await look(stranger, 'start with an error', found);
    // A name that leads here without being known here.
    await stranger.goto(`http://hafen.localhost:${server.port}/`);
    await stranger.getByRole('heading', { level: 1 }).waitFor();
    await look(stranger, 'unknown name', found);
    await stranger.goto(`${server.address}/instructor`);
    await stranger.getByLabel('Link oder Schlüssel').waitFor();
    await look(stranger, "instructor's key", found);
    await stranger.goto('about:blank');
    await stranger.goto(`${server.address}/instructor#${readFileSync(join(server.dir, 'data/instructor.key'), 'utf8').trim()}`);
    await stranger.getByRole('row').filter({ hasText: 'debian:latest' }).waitFor();
    await look(stranger, 'instructor', found);

    const learner = await Learner.join(chromium, server, `Axel ${colorScheme}`, { colorScheme });
    const { page } = learner;
    await learner.types('docker run -d --name boot busybox sleep 1000; docker run --name aus busybox false');
    await until('two ships', async () => (await page.locator('.quay .ship').count()) === 2);
    const slides = await page.evaluate(async () => (await (await fetch('/api/deck')).json()).slides);
    // One slide of each kind is enough: a look costs half a second.
    const kinds = ['Heading', 'List', 'Table', 'Quote', 'Code', 'steps'];
    for (const [h, stack] of slides.entries()) {
      for (const [v, slide] of stack.entries()) {
        const its = kinds.filter((kind) => slide.blocks.some((block) => block[kind]) || (kind === 'steps' && slide.steps.length > 0));
        if (its.length === 0) continue;
        for (const kind of its) kinds.splice(kinds.indexOf(kind), 1);
        await learner.goTo(`#/${h}/${v}`);
        await look(page, `slide ${h}/${v}`, found);
        if (slide.steps.length === 0) continue;
        await learner.goTo(`#/${h}/${v}/0`);
        await look(page, `step ${h}/${v}/0`, found);
      }
    }
    await page.getByRole('button', { name: 'Hafen', exact: true }).click();
    await look(page, 'pier', found);
    await page.getByRole('button', { name: 'Hafen', exact: true }).click();
    for (const dialog of ['Alle Folien', 'Hilfe']) {
      await page.getByRole('button', { name: dialog }).click();
      await page.getByRole('dialog').waitFor();
      await look(page, dialog, found);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Ausgaben vorlesen lassen' }).click();
    await learner.types('echo gelesen');
    await learner.sees(/^gelesen$/m);
    await look(page, 'screen reader', found);

    await page.setViewportSize({ width: 390, height: 844 });
    for (const tab of ['Folie', 'Terminal', 'Hafen']) {
      await page.getByRole('navigation', { name: 'Ansicht' }).getByRole('button', { name: tab }).click();
      await look(page, `phone: ${tab}`, found);
    }
    assert.equal(found.join('\n'), '');
  });
}
