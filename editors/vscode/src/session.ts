// The server's life: found, started, watched, started again after a crash.

import type { ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import * as vscode from 'vscode';

import type { LanguageClient } from 'vscode-languageclient/node';

import { makeClient } from './client';
import { locate, start, type Program } from './program';
import type { Teller } from './state';

/** Crashes within `WINDOW_MS` after which the server is left alone. */
const ENOUGH = 4;
const WINDOW_MS = 180_000;
const FIRST_WAIT_MS = 1000;

/** The oldest server that has what this extension asks of it. */
export const OLDEST = '0.1.0';

/** One server for one window. */
export class Session implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private child: ChildProcess | undefined;
  private last: Promise<void> = Promise.resolve();
  private crashes: number[] = [];
  private wait: NodeJS.Timeout | undefined;
  /** Counts starts: what an older one still has to say is not heard. */
  private turn = 0;
  private found: Program | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly teller: Teller,
    readonly output: vscode.LogOutputChannel,
    /** Called once there is something to offer: no program was found. */
    private readonly missing: () => void,
  ) {}

  /** The program that is used; undefined: none was found. */
  get program(): Program | undefined {
    return this.found;
  }

  /** How often the server has crashed lately. */
  get crashed(): number {
    return this.crashes.length;
  }

  /** The server's log of this window. */
  get log(): vscode.Uri {
    return vscode.Uri.joinPath(this.context.logUri, 'server.log');
  }

  /** Start anew, whatever was before. */
  async restart(): Promise<void> {
    this.crashes = [];
    await this.start();
  }

  /** Ask the server to do something; undefined: there is no server. */
  async execute(command: string, argument: object): Promise<unknown> {
    if (!this.client?.isRunning()) return undefined;
    return this.client.sendRequest('workspace/executeCommand', {
      command,
      arguments: [argument],
    });
  }

  /** Tell the server something, if there is one. */
  notify(method: string, params: object): void {
    if (this.client?.isRunning()) void this.client.sendNotification(method, params);
  }

  /** End the server. */
  stop(): Promise<void> {
    this.supersede();
    return this.inTurn(() => this.end());
  }

  dispose(): void {
    void this.stop();
  }

  private start(): Promise<void> {
    const turn = this.supersede();
    return this.inTurn(async () => {
      await this.end();
      if (turn !== this.turn) return;
      if (!vscode.workspace.isTrusted) {
        this.teller.tell('restricted');
        return;
      }
      this.teller.tell('starting');
      try {
        this.found = await locate(this.context);
        if (this.found) await this.run(this.found, turn);
        else this.absent();
      } catch (error) {
        this.failed((error as Error).message);
      }
    });
  }

  /** What is under way is not wanted any more; the number of what comes now. */
  private supersede(): number {
    clearTimeout(this.wait);
    if (!this.client?.isRunning()) this.child?.kill();
    this.turn += 1;
    return this.turn;
  }

  /** One at a time: two servers at once would both register their commands. */
  private inTurn(step: () => Promise<void>): Promise<void> {
    this.last = this.last.then(step);
    return this.last;
  }

  private async end(): Promise<void> {
    const { client, child } = this;
    this.client = this.child = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.output.info(`the server did not end by itself: ${String(error)}`);
    }
    child?.kill();
  }

  private absent(): void {
    this.teller.tell('missing', 'run “codeassist: Install the Server”');
    this.missing();
  }

  private async run(program: Program, turn: number): Promise<void> {
    this.output.info(`starting ${program.path} (${program.by})`);
    const log = ['--log', this.log.fsPath];
    const child = await start(this.context, program.path, ['lsp', ...log]);
    const client = makeClient(child, this.output, this.teller, () => {
      if (turn === this.turn) this.lost();
    });
    this.child = child;
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.output.warn(`${path.basename(program.path)}: ${String(error)}`);
      child.kill(); // its end is the crash that counts
      return;
    }
    const server = client.initializeResult?.serverInfo;
    if (turn === this.turn && isOlder(server?.version, OLDEST)) {
      this.supersede();
      await this.end();
      this.failed(
        `${program.path} is codeassist ${server?.version ?? 'of no version'}; ` +
          `this extension needs ${OLDEST} or newer: update it`,
      );
    }
  }

  private failed(message: string): void {
    this.teller.tell('error', message);
    this.output.error(message);
    void this.ask(message, 'Health Check').then((answer) => {
      if (answer) void vscode.commands.executeCommand('codeassist.health');
    });
  }

  /** The connection is gone, and nobody has asked for it. */
  private lost(): void {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < WINDOW_MS), now];
    this.client = undefined;
    if (this.crashes.length < ENOUGH) {
      const wait = FIRST_WAIT_MS * 2 ** (this.crashes.length - 1);
      this.teller.tell('starting', `it had crashed; again in ${wait / 1000} s`);
      this.wait = setTimeout(() => void this.start(), wait);
      return;
    }
    const message = `the server has crashed ${ENOUGH} times; the log may say why`;
    this.teller.tell('error', message);
    void this.ask(message, 'Restart', 'Show Log').then((answer) => {
      if (answer === 'Restart') void this.restart();
      if (answer === 'Show Log') void vscode.commands.executeCommand('codeassist.log');
    });
  }

  private ask(message: string, ...answers: string[]): Thenable<string | undefined> {
    return vscode.window.showErrorMessage(`codeassist: ${message}`, ...answers);
  }
}

/** Whether a version (`1.2.3`, more may follow) comes before another; one that cannot
 * be read does. */
export function isOlder(version: string | undefined, than: string): boolean {
  const [mine, other] = [numbers(version ?? ''), numbers(than)];
  const at = other.findIndex((part, n) => part !== (mine[n] ?? -1));
  return at >= 0 && (mine[at] ?? -1) < (other[at] ?? 0);
}

function numbers(version: string): number[] {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found ? found.slice(1).map(Number) : [];
}
