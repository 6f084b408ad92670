// Where keys go, and whose size a terminal has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Learner, chromium, inWorkshop, server, until } from './harness.mjs';
import { Proxy } from './proxy.mjs';

const INTERACTIVE = '#/4/1';
inWorkshop();

test('whoever types right away is heard, without a click and before there is a line', async () => {
  const proxy = await Proxy.to(server);
  try {
    const learner = await Learner.join(chromium, proxy, 'Eva');
    await learner.page.keyboard.type('clear; echo by-focus\n');
    await learner.sees(/^by-focus$/m);
    await learner.page.close();
    proxy.holdSockets();
    await learner.open(proxy.address);
    await until('the terminal has the focus', () => learner.page.evaluate(() => document.activeElement?.className === 'xterm-helper-textarea'));
    await learner.page.keyboard.type('clear; echo early\n');
    proxy.releaseSockets();
    await learner.sees(/^early$/m);
  } finally {
    proxy.end();
  }
});

test('a shell that ends says so, and leaves on the screen what was there', async () => {
  const learner = await Learner.join(chromium, server, 'Lea');
  await learner.types('clear; echo stays; exit');
  await learner.sees(/^stays\n.*\n+── Die Shell ist zu Ende\. Hier beginnt eine neue\. ──\nlea .*# $/m);
});

test("a clicker turns slides after a run button, and a pager's pages while it fills the terminal", async () => {
  const learner = await Learner.join(chromium, server, 'Kai');
  const { page } = learner;
  const hash = () => page.evaluate(() => location.hash);
  await learner.goTo(INTERACTIVE);
  await learner.runs('docker run -it --name test debian:latest');
  await learner.sees(/root@[0-9a-f]{12}:\/# $/);
  await page.keyboard.press('PageDown');
  await page.waitForFunction(() => location.hash === '#/4/1/0');
  await page.keyboard.press('PageUp');
  await page.waitForFunction(() => location.hash === '#/4/1');
  await page.keyboard.type('exit\n');
  await learner.sees(/exit\nkai .*# $/);
  await page.keyboard.type('seq 500 | less\n');
  await learner.sees(/^1\n2\n/);
  await page.keyboard.press('PageDown');
  await learner.sees(/^(?!1$)\d\d+\n/);
  assert.equal(await hash(), INTERACTIVE);
  await page.keyboard.press('q');
  await learner.sees(/# $/);
});

test('two windows of different size show the same, in the size of the one where somebody types', async () => {
  const wide = await Learner.join(chromium, server, 'Ute');
  const narrow = new Learner();
  Object.assign(narrow, { context: wide.context, problems: [], told: [] });
  const sign = (learner) => learner.page.locator('.size-of-another');
  let asked = 0;
  const size = async (learner) => {
    asked += 1;
    await learner.types(`clear; echo size ${asked}: $(stty size)`);
    const answer = new RegExp(`^size ${asked}: (\\d+ \\d+)$`, 'm');
    return (await learner.sees(answer)).match(answer)[1];
  };
  const own = await size(wide);
  assert.ok(Number(own.split(' ')[1]) >= 100, `${own}: docker ps has room at 1440 pixels`);
  await narrow.open(server.address);
  await narrow.page.setViewportSize({ width: 1000, height: 600 });
  await sign(narrow).waitFor();
  await until('both show the same', async () => (await narrow.screen()) === (await wide.screen()));
  assert.equal(await sign(wide).count(), 0);

  const others = await size(narrow);
  assert.notEqual(others, own);
  await sign(wide).waitFor();
  await sign(narrow).waitFor({ state: 'detached' });
  await narrow.types('clear; seq -s " " 400; printf "\\e[999;1Hunten"');
  await narrow.sees(/unten/);
  await until('both show the same', async () => (await narrow.screen()) === (await wide.screen()));
  const fits = await wide.page.evaluate(() => {
    const [inner, outer] = ['.xterm-screen', '.terminal-body'].map((part) => document.querySelector(part).getBoundingClientRect());
    return inner.right <= outer.right && inner.bottom <= outer.bottom;
  });
  assert.ok(fits, 'all of it is on the page');

  assert.equal(await size(wide), own, 'the size comes back with who types');
  await size(narrow);
  await narrow.page.close();
  await sign(wide).waitFor({ state: 'detached' });
  assert.equal(await size(wide), own);
});
