// The main job: two learners run a real container from the slide, each on a host of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Learner, chromium, inWorkshop, server, until } from './harness.mjs';

const INTERACTIVE = '#/4/1';
inWorkshop();

test('two learners run the same container at the same time and see nothing of each other', async () => {
  const [anna, jürgen] = await Promise.all(['Anna', 'Jürgen Groß'].map((name) => Learner.join(chromium, server, name)));
  assert.match(await anna.screen(), /^anna /);
  assert.match(await jürgen.screen(), /^juergen-gross /);

  const ids = await Promise.all([anna, jürgen].map(async (learner) => {
    await learner.goTo(INTERACTIVE);
    await learner.runs('docker run -it --name test debian:latest');
    const [, id] = (await learner.sees(/root@[0-9a-f]{12}:\/# $/)).match(/root@([0-9a-f]{12}):/);
    return id;
  }));
  assert.notEqual(ids[0], ids[1]);

  for (const [index, learner] of [anna, jürgen].entries()) {
    await learner.types('clear; id -u; hostname; ps -e | wc -l; ip -4 -o addr show eth0');
    const screen = await learner.sees(/inet 172.*\n.*# $/s);
    assert.match(screen, new RegExp(`^0\n${ids[index]}\n`, 'm'), 'root, and the host name is the id');
    assert.match(screen, /^[34]$/m, 'bash, ps and wc, and no process of anybody else');
    assert.match(screen, /inet 172\.17\.0\.2\/16/, 'each host has its own 172.17.0.2');
  }

  await anna.runs('exit');
  await anna.sees(/^anna .*# $/m);
  await anna.types('clear; docker ps -a --format "{{.Names}}: {{.Status}}"');
  await anna.sees(/test: Exited \(0\)/);
  await jürgen.types('echo still here');
  await jürgen.sees(/^still here$/m);

  await anna.runs('docker start -ai test');
  await anna.sees(new RegExp(`root@${ids[0]}:/# $`));
  await anna.runs('exit');
  await anna.sees(/exit\nanna .*# $/);
  await anna.runs('docker rm test');
  await anna.sees(/^test$/m);
  await anna.types('clear; docker ps -aq | wc -l');
  await anna.sees(/^0$/m);
  await jürgen.types('exit');
  await jürgen.sees(/exit\njuergen-gross .*# $/);
  await jürgen.types('clear; docker ps -a --format "{{.Names}}: {{.Status}}"');
  await jürgen.sees(/test: Exited/);
  assert.deepEqual([...anna.problems, ...jürgen.problems], []);
});

test('the pier shows a container as it comes, ends and goes', async () => {
  const learner = await Learner.join(chromium, server, 'Pia');
  const pier = learner.page.locator('[data-region="pier"]');
  await learner.types('docker run -d --name boot busybox sleep 1000');
  await until('a ship at the pier', async () => /boot\s+läuft/.test(await pier.innerText()));
  await learner.types('docker kill boot');
  await until('the ship has stopped', async () => /boot\s+beendet \(137\)/.test(await pier.innerText()));
  await learner.types('docker rm boot');
  await until('the ship is gone', async () => !(await pier.innerText()).includes('boot'));
});

test('a closed tab comes back to the same shell and the same screen', async () => {
  const learner = await Learner.join(chromium, server, 'Ida');
  await learner.types('here=still-me; clear; docker run -it --rm busybox');
  await learner.sees(/\/ # $/);
  await learner.types('echo kept on the screen');
  await learner.sees(/^kept on the screen$/m);
  await learner.page.close();
  await learner.open(server.address);
  const screen = await learner.sees(/^kept on the screen$/m);
  assert.equal(screen.match(/^kept on the screen$/gm).length, 1);
  await learner.types('exit');
  await learner.sees(/ida .*# $/);
  await learner.types('clear; echo $here');
  await learner.sees(/^still-me$/m);
});

test('a killed server comes back to running shells and containers', async () => {
  const learner = await Learner.join(chromium, server, 'Uwe');
  await learner.types('here=still-me; clear; docker run -d --name lives busybox sleep 1000');
  await learner.sees(/[0-9a-f]{64}\nuwe .*# $/);
  await server.kill();
  await until('the page says so', async () => !/Verbunden als/.test(await learner.page.locator('header').first().innerText()));
  await server.startAgain();
  await until('it is connected again', async () => /Verbunden als/.test(await learner.page.locator('header').first().innerText()));
  await learner.types('clear; echo $here; docker ps --format "{{.Names}} {{.State}}"');
  await learner.sees(/^still-me\nlives running$/m);
});

test('slides go by keyboard and by link, and a step lights its lines', async () => {
  const learner = await Learner.join(chromium, server, 'Ole');
  const { page } = learner;
  await learner.goTo(INTERACTIVE);
  await page.locator('article h2').focus();
  await page.keyboard.press(' ');
  await page.waitForFunction(() => location.hash === '#/4/1/0');
  assert.match(await page.locator('.caption').innerText(), /Startet einen neuen Debian-Container/);
  // To the right: three more steps, then the next chapter.
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => location.hash === '#/5/0');
  await page.goBack();
  await page.waitForFunction(() => location.hash.startsWith('#/4/1'));
  await page.reload();
  await page.getByRole('heading', { name: 'Interaktive Container' }).waitFor();
  await learner.sees(/# $/);
});

test('wrong names are refused in words, and nothing else is disturbed', async () => {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(server.address);
  await page.getByRole('textbox').fill('   ');
  await page.getByRole('textbox').press('Enter');
  await page.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor();
  await page.getByRole('textbox').fill('Zoë 🐳');
  await page.getByRole('textbox').press('Enter');
  await page.locator('.xterm-rows').waitFor();
  await context.close();
});
