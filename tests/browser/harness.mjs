// A server with directories of its own, and learners in browsers of their own.
//
// `cargo xtask test` says where things are: LERNHAFEN (the program), LERNHAFEN_TEST_DATA (a data directory with the base
// images), CHROMIUM.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium as playwright } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
// The terminal in front.
const SHOWN = '.terminal-place:not([hidden])';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];

/** `lernhafen serve`, as a workshop has it. */
export class Server {
  static async start() {
    const server = new Server();
    server.dir = mkdtempSync(join(tmpdir(), 'lernhafen-browser-'));
    server.config = join(server.dir, 'workshop.toml');
    server.port = await freePort();
    server.address = `http://127.0.0.1:${server.port}`;
    // Hard links for the layers, which are never written; the database must be a copy.
    const data = join(server.dir, 'data');
    run('cp', '-al', process.env.LERNHAFEN_TEST_DATA, data);
    for (const name of readdirSync(data).filter((name) => name.startsWith('lernhafen.db'))) {
      rmSync(join(data, name));
      run('cp', join(process.env.LERNHAFEN_TEST_DATA, name), data);
    }
    // No host ahead: tests look at which hosts there are. A way out would add an interface to this machine with each learner, and Chromium would break off what it loads.
    const [deck, recipes] = ['slides/docker-einfuehrung/PITCHME.md', 'images'].map((path) => JSON.stringify(join(root, path)));
    writeFileSync(server.config, `deck = ${deck}\nrecipes = ${recipes}\ninternet = false\npreflight = false\nready_hosts = 0\n`);
    await server.startAgain();
    return server;
  }

  async startAgain() {
    const directories = ['--data-dir', join(this.dir, 'data'), '--run-dir', join(this.dir, 'run')];
    const files = ['--site', join(root, 'frontend/dist'), '--config', this.config];
    this.process = spawn(
      process.env.LERNHAFEN,
      ['serve', '--listen', `127.0.0.1:${this.port}`, ...directories, ...files],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    await until('the server answers', async () => (await fetch(this.address).catch(() => null))?.ok);
  }

  /** As a crash would. */
  async kill() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
  }

  /** Ends everything by force: learners' hosts live on without their server. */
  async end() {
    const own = (pid) => readable(`/proc/${pid}/cmdline`).includes(this.dir);
    const hosts = existsSync(join(this.dir, 'data/hosts')) ? readdirSync(join(this.dir, 'data/hosts')) : [];
    for (const pid of pids().filter(own)) spawnSync('kill', ['-9', pid]);
    for (const host of hosts) {
      await until('the host has ended', () => !pids().some((pid) => readable(`/proc/${pid}/cgroup`).includes(host)));
      for (const group of spawnSync('find', ['/sys/fs/cgroup', '-depth', '-path', `*/lernhafen/${host}*`, '-type', 'd'])
        .stdout.toString().split('\n').filter(Boolean)) {
        rmdirSync(group);
      }
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function browser() {
  return playwright.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** What the tests of a file share, between the first and the last of them. */
export let server, chromium;

/** Gives the tests of this file a server and a browser. */
export function inWorkshop() {
  before(async () => {
    server = await Server.start();
    chromium = await browser();
  });
  after(async () => {
    await chromium?.close();
    await server?.end();
  });
}

/** Somebody in a browser of their own. */
export class Learner {
  static async join(browser, server, name, options = {}) {
    const learner = new Learner();
    learner.context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    learner.problems = [];
    learner.told = [];
    await learner.open(server.address);
    const started = async () => (await learner.page.getByRole('textbox').count()) > 0;
    await until('the page asks for a name', started, () => learner.told.join('\n'));
    await learner.page.getByRole('textbox').fill(name);
    await learner.page.getByRole('textbox').press('Enter');
    await learner.sees(/# $/);
    return learner;
  }

  async open(address) {
    this.page = await this.context.newPage();
    this.page.on('pageerror', (error) => this.problems.push(error.message));
    for (const event of ['console', 'pageerror', 'requestfailed', 'response']) {
      this.page.on(event, (what) => this.told.push(`${event}: ${told(what)}`));
    }
    await this.page.goto(address);
  }

  /** Goes to a slide, as a link to it would. */
  async goTo(slide) {
    await this.page.evaluate((slide) => { location.hash = slide; }, slide);
    await this.page.waitForFunction((slide) => location.hash.startsWith(slide), slide);
  }

  /** Presses the button of that name. */
  async presses(name) {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Presses the run button of a line. */
  async runs(line) {
    await this.page.getByRole('button', { name: `Im Terminal ausführen: ${line}`, exact: true }).first().click();
  }

  async types(line) {
    await this.page.locator(`${SHOWN} .xterm-helper-textarea`).focus();
    await this.page.keyboard.type(`${line}\n`);
  }

  /** What the terminal shows, line ends as they are on the screen. */
  async screen() {
    const text = await this.page.locator(`${SHOWN} .xterm-rows`).innerText();
    return text.replaceAll('\u00a0', ' ').split('\n').map((line) => line.trimEnd()).join('\n').trimEnd() + ' ';
  }

  /** Waits until the terminal shows this. */
  async sees(pattern) {
    let screen = '';
    await until(`the terminal shows ${pattern}`, async () => {
      screen = await this.screen().catch(() => '');
      return pattern.test(screen);
    }, () => screen);
    return screen;
  }
}

/** Waits for something; on a busy machine that may take its time. */
export async function until(what, so, detail = () => '') {
  const deadline = Date.now() + 30_000;
  while (!(await so())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}\n${detail()}`);
    await sleep(50);
  }
}

function run(...command) {
  const { status, stderr } = spawnSync(command[0], command.slice(1));
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

function pids() {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** What a browser's event says, for a failed test. */
function told(what) {
  const status = what.status?.() ?? what.failure?.()?.errorText ?? '';
  return `${what.message ?? (what.type ? what.text() : '')} ${status} ${what.url?.() ?? ''}`;
}

/** A file of a process that may be gone by now. */
function readable(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
