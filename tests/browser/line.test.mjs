// A line that dies without a word, and the moments before there is one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Learner, chromium, inWorkshop, server, until } from './harness.mjs';
import { Proxy } from './proxy.mjs';

inWorkshop();

test('a line that falls silent is noticed on both sides, said once, and comes back', async () => {
  const proxy = await Proxy.to(server);
  try {
    const learner = await Learner.join(chromium, proxy, 'Mia');
    const { page } = learner;
    const bar = page.locator('header').first();
    const notices = page.locator('.notice');
    await learner.types('here=still-me');
    proxy.fallSilent();
    await until('the page says so', async () => /Verbinde neu/.test(await bar.innerText()));
    await until('and that the containers live', async () => /Deine Container laufen weiter/.test(await notices.innerText()));
    await until('the server lets the connection go', () => proxy.letGo > 0);

    await learner.types('echo nobody hears this');
    assert.match(await notices.getAttribute('class'), /nudged/, 'what is typed is refused visibly');
    await learner.goTo('#/4/1');
    await learner.runs('docker run -it --name test debian:latest');
    await until('the button is refused, too', async () => /nicht getippt/.test(await notices.innerText()));
    assert.equal(await notices.count(), 1, 'one notice at a time');

    proxy.speakAgain();
    await until('it is connected again', async () => /Verbunden als/.test(await bar.innerText()));
    await until('the notice has gone', async () => (await notices.count()) === 0);
    await learner.types('clear; echo $here');
    const screen = await learner.sees(/^still-me$/m);
    assert.doesNotMatch(screen, /nobody hears|docker run/);
  } finally {
    proxy.end();
  }
});
