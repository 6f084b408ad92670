// The deck as a participant goes through it: every run button, from the first slide to the last, and what becomes of each line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Learner, chromium, inWorkshop, server, until } from './harness.mjs';

inWorkshop();

/** Slides with run buttons: their addresses, and their lines as the page was told of them. */
async function slides(learner) {
  const deck = await learner.page.evaluate(async () => (await fetch('/api/deck')).json());
  const blocks = (block) => (block.Code ? [block.Code] : []);
  return deck.slides.flatMap((stack, h) => stack.map((slide, v) => ({
    address: `#/${h}/${v}`,
    lines: slide.blocks.flatMap(blocks).flatMap((code) => code.lines).filter((line) => line.runnable),
  }))).filter((slide) => slide.lines.length > 0);
}

/** Presses a line, and answers with what stands beside it when it is over: an exit code, or ↵ within a container. */
async function outcome(learner, index) {
  const line = learner.page.locator('.code-line:has(.run)').nth(index);
  await line.locator('.run').click();
  const panel = learner.page.locator('.run-panel');
  let found = '';
  await until(`line ${index} is over`, async () => {
    if (await panel.isVisible()) throw new Error(`asked instead: ${await panel.innerText()}`);
    const sign = line.locator('.line-sign');
    if (await sign.count() === 0) return false;
    const kind = await sign.getAttribute('class');
    // What leads into a container runs until that is left.
    if (kind.includes('running')) return leadsIn(await line.innerText()) && /im Container|in einem Container/.test(await place(learner));
    found = kind.includes('succeeded') ? '0' : kind.includes('typed') ? '↵' : (await sign.innerText()).trim();
    return /succeeded|failed|typed/.test(kind);
  }, () => learner.screen());
  return found;
}

const leadsIn = (line) => /docker (run -it|exec -it|start -ai)/.test(line);
const place = async (learner) => (await learner.page.locator('.terminal-place').allInnerTexts()).join();

/** All buttons in order; each line's text with its outcome. */
async function throughTheDeck(learner) {
  const seen = [];
  for (const slide of await slides(learner)) {
    await learner.goTo(slide.address);
    await learner.page.locator('.code-line .run').nth(slide.lines.length - 1).waitFor();
    for (const [index, line] of slide.lines.entries()) seen.push([line.text, await outcome(learner, index)]);
  }
  return seen;
}

test('every button of the deck does what its slide says, once and once more', async () => {
  const learner = await Learner.join(chromium, server, 'Ruth');
  for (const round of ['first', 'second']) {
    const seen = await throughTheDeck(learner);
    assert.ok(seen.length > 40, `${seen.length} lines`);
    const expected = (line) => {
      if (line === 'exit') return '↵';
      // Ends only with its container.
      if (leadsIn(line)) return '';
      // A volume that is only to be read.
      if (line.includes(':ro debian rm ')) return '1';
      return line.startsWith('docker run --name heikel') ? '3' : '0';
    };
    assert.deepEqual(seen, seen.map(([line]) => [line, expected(line)]), `the ${round} time`);
    // Nothing is left that a slide made: neither containers, nor a name, nor something in front of the prompt.
    await learner.types('clear; docker ps -aq | wc -l; docker images -q mein-debian | wc -l; docker volume ls -q | wc -l; ls; echo code $?');
    await learner.sees(/^0\n0\n0\ncode 0\n.*# $/m);
  }
  assert.deepEqual(learner.problems, []);
});

test('a button asks before it types elsewhere, and what is offered helps', async () => {
  const learner = await Learner.join(chromium, server, 'Ines');
  const { page } = learner;
  const panel = page.locator('.run-panel');
  const line = (text) => page.locator('.code-line', { hasText: text });
  const choose = (name) => panel.getByRole('button', { name, exact: true }).click();
  const succeeded = (text) => line(text).locator('.line-sign.succeeded').waitFor();
  await learner.goTo('#/3/2');

  // An editor: the line waits until it is closed.
  await learner.types('vi datei');
  await until('vi is seen', async () => /vi datei/.test(await place(learner)));
  await learner.runs('docker images');
  await panel.waitFor();
  assert.match(await panel.innerText(), /Im Terminal ist geöffnet: vi datei/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Warten, dann ausführen');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  await learner.runs('docker images');
  await choose('Warten, dann ausführen');
  await line('docker images').getByText('wartet').waitFor();
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.press('Escape');
  await learner.types(':q!');
  await succeeded('docker images');
  assert.doesNotMatch(await learner.screen(), /E\d+:/, 'nothing was typed into the editor');

  // A command that runs: it is interrupted. Beside that, a line that waits can be given up.
  await learner.goTo('#/3/1');
  await learner.types('clear; sleep 100');
  await until('sleep is seen', async () => /sleep 100/.test(await place(learner)));
  await learner.runs('docker version');
  await choose('Warten, dann ausführen');
  await line('docker version').getByRole('button', { name: 'Abbrechen' }).click();
  await line('docker version').locator('.line-sign').waitFor({ state: 'hidden' });
  await learner.runs('docker info');
  await choose('Mit Strg-C abbrechen, dann ausführen');
  await succeeded('docker info');

  // A container without bash, entered by hand: it is left.
  await learner.types('clear; docker run -d --name boje busybox sleep 1000');
  await learner.sees(/[0-9a-f]{64}\nines .*# $/);
  await learner.types('docker exec -it boje sh');
  await until('the container is seen', async () => /im Container boje/.test(await place(learner)));
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('echo halb');
  await learner.runs('docker version');
  await choose('Verlassen, dann ausführen');
  await succeeded('docker version');

  // A name that is taken.
  await learner.types('clear; docker run --name uhr busybox true');
  await learner.sees(/ines .*# $/);
  await learner.goTo('#/4/2');
  const uhr = 'docker run -d --name uhr';
  await line(uhr).locator('.run').click();
  await panel.waitFor();
  assert.match(await panel.innerText(), /Den Container uhr gibt es schon\./);
  await choose('Entfernen, dann ausführen');
  await succeeded(uhr);

  // A line for the inside, pressed outside, is not typed: it would end the shell.
  await learner.goTo('#/4/1');
  await line('exit').first().locator('.run').click();
  await panel.waitFor();
  assert.match(await panel.innerText(), /gehört in einen Container/);
  await page.keyboard.press('Escape');
  assert.deepEqual(learner.problems, []);
});
