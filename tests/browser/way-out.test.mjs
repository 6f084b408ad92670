// Whatever a learner does to their terminal, containers or host: there is a way on.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Learner, chromium, inWorkshop, server, until } from './harness.mjs';

/** A prompt of the shell that begins where the last one has ended. */
const NEW_SHELL = /Hier beginnt eine neue\.[^#]*# $/;
const STUCK = 'docker run --name stuck busybox sleep 1000';
inWorkshop();

const pier = (learner) => learner.page.locator('[data-region="pier"]');
/** The terminals' names, without what goes on in them. */
const tabs = async (learner) => {
  const texts = await learner.page.locator('.terminal-tab .choose').allInnerTexts();
  return texts.map((text) => text.split('\n')[0]);
};

/** A command that neither Ctrl-C nor anything else ends from within its terminal. */
async function getStuck(learner) {
  await learner.types(STUCK);
  await until('a ship', async () => /stuck\s+läuft/.test(await pier(learner).innerText()));
  await learner.page.keyboard.press('Control+c');
}

test('a second terminal and the pier free a terminal that is stuck', async () => {
  const learner = await Learner.join(chromium, server, 'Nele');
  await getStuck(learner);
  await learner.presses('Neues Terminal');
  await learner.sees(/nele .*# $/);
  assert.deepEqual(await tabs(learner), ['nele', 'nele 2']);
  await learner.types('second=still-me; docker ps --format "{{.Names}}"');
  await learner.sees(/^stuck$/m);

  // By keyboard: the ship leads to what can be done with it.
  await pier(learner).getByRole('button', { name: /^stuck/ }).press('Enter');
  const force = learner.page.getByRole('button', { name: 'Beenden erzwingen: stuck' });
  await learner.page.getByRole('button', { name: 'Stoppen: stuck' }).waitFor();
  await force.press('Enter');
  await until('the ship has stopped', async () => /stuck\s+beendet \(137\)/.test(await pier(learner).innerText()));
  await learner.page.locator(`.terminal-place:not([hidden]) .xterm-helper-textarea`).focus();
  await learner.page.keyboard.press('Control+Alt+PageUp');
  await learner.sees(/nele .*# $/);
  await learner.types('clear; echo free again');
  await learner.sees(/^free again$/m);

  await learner.page.getByRole('button', { name: 'Entfernen: stuck' }).click();
  await learner.presses('Entfernen');
  await until('the ship is gone', async () => !/stuck/.test(await pier(learner).innerText()));

  const other = new Learner();
  Object.assign(other, { context: learner.context, problems: learner.problems, told: [] });
  await other.open(server.address);
  await until('another tab has both', async () => (await tabs(other)).length === 2);
  await learner.page.reload();
  await until('both are there again', async () => (await tabs(learner)).length === 2);
  await learner.presses('nele 2');
  await learner.types('clear; echo $second');
  await learner.sees(/^still-me$/m);
  await learner.presses('Terminal nele 2 schließen');
  for (const each of [learner, other]) await until('it is closed', async () => (await tabs(each)).length === 1);
  assert.deepEqual(learner.problems, []);
});

test('a terminal is restarted, and asks first if something runs in it', async () => {
  const learner = await Learner.join(chromium, server, 'Rosa');
  await learner.types('mine=old');
  await learner.presses('Terminal neu starten');
  await learner.sees(NEW_SHELL);
  await learner.types('clear; echo "shell:$mine"');
  await learner.sees(/^shell:$/m);
  await getStuck(learner);
  await learner.presses('Terminal neu starten');
  const dialog = learner.page.getByRole('dialog');
  await dialog.getByText(STUCK).waitFor();
  await dialog.getByRole('button', { name: 'Terminal neu starten' }).click();
  await learner.sees(NEW_SHELL);
  await learner.types('clear; docker ps --format "{{.Names}} {{.State}}"; ps -e | grep -c docker');
  await learner.sees(/^stuck running\n0$/m);
  assert.deepEqual(learner.problems, []);
});

test('who has deleted everything is told so, and gets a new host', async () => {
  const learner = await Learner.join(chromium, server, 'Otto');
  await learner.types('docker run -d --name lost busybox sleep 1000; clear; rm -rf /root; exit');
  await learner.sees(NEW_SHELL);
  await learner.types('clear; pwd');
  await learner.sees(/^\/$/m);
  await learner.types('rm -rf / --no-preserve-root 2>/dev/null; exit');
  const told = learner.page.getByRole('alert').filter({ hasText: 'startet keine Shell mehr' });
  await told.waitFor();
  await learner.page.reload();
  await told.waitFor();
  await told.getByRole('button', { name: 'Meinen Host neu aufsetzen' }).click();
  const dialog = learner.page.getByRole('dialog');
  assert.match(await dialog.innerText(), /1 Container\n.*alle Dateien/s);
  await dialog.getByRole('button', { name: 'Neu aufsetzen' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await learner.sees(/^otto ~ # $/);
  await learner.types('clear; docker ps -aq | wc -l; docker images -q | wc -l');
  await learner.sees(/^0\n[1-9]/m);
  assert.deepEqual(learner.problems, []);
});

test('a container that takes all memory is ended, and the page says which', async () => {
  const learner = await Learner.join(chromium, server, 'Ute');
  await learner.types('mine=old; docker run --name full --tmpfs /t:size=10g busybox dd if=/dev/zero of=/t/x bs=1M; clear; echo "$? $mine"');
  await learner.page.getByText('Der Container full brauchte am meisten und wurde beendet (137).').waitFor();
  await learner.sees(/^\d+ old$/m);
});

test('who leaves frees the place, and nothing of their host stays', async () => {
  const hosts = () => readdirSync(join(server.dir, 'data/hosts'));
  const before = hosts();
  const [learner, second] = [await Learner.join(chromium, server, 'Eva'), await Learner.join(chromium, server, 'Eva')];
  assert.match(await second.screen(), /^eva-2 /, 'two of one name have hosts of two names');
  const own = hosts().filter((host) => !before.includes(host));
  assert.equal(own.length, 2);
  await second.types('docker run -d busybox sleep 1000');
  await until('a ship', async () => /läuft/.test(await pier(second).innerText()));
  await second.presses('Mein Host');
  await second.presses('Workshop verlassen …');
  await second.page.getByRole('dialog').waitFor();
  await second.page.keyboard.press('Escape');
  await until('the terminal has the keyboard again', () =>
    second.page.evaluate(() => document.activeElement.classList.contains('xterm-helper-textarea')));
  for (const each of [learner, second]) {
    await each.presses('Mein Host');
    await each.presses('Workshop verlassen …');
    await each.page.getByRole('dialog').getByRole('button', { name: 'Verlassen', exact: true }).click();
    await each.page.getByText('Du hast den Workshop verlassen').waitFor();
  }
  assert.deepEqual(hosts(), before);
  for (const host of own) assert.ok(!existsSync(join(server.dir, 'data/disks', host)), 'the disk is gone');
  await learner.page.reload();
  await learner.page.getByRole('textbox').waitFor();
});
