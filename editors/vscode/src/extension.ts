// codeassist in VS Code: starts the server, shows ghost text, says how it is.

import * as vscode from 'vscode';

import { catchUp } from './catchup';
import { addCommands } from './commands';
import { tellFocus } from './focus';
import { offer } from './install';
import { Pages } from './pages';
import { Session } from './session';
import { isOnSomewhere } from './settings';
import { Teller } from './state';
import { addStatusBar } from './statusbar';
import { Tools } from './tools';

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('codeassist', { log: true });
  const teller = new Teller();
  const pages = new Pages();
  let offered = false;
  const running = new Session(context, teller, output, () => {
    if (!offered) void offer();
    offered = true;
  });
  session = running;
  const restart = (): void => void running.restart();
  /** Where nothing is asked no model need be loaded. */
  const start = (): void => {
    if (isOnSomewhere()) restart();
  };
  context.subscriptions.push(
    output,
    teller,
    pages,
    running,
    addStatusBar(teller),
    catchUp(teller, restart),
    addCommands(new Tools(context, running, teller, pages)),
    vscode.workspace.onDidGrantWorkspaceTrust(start),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const isStopped = teller.state.kind === 'stopped';
      if (event.affectsConfiguration('codeassist.path')) start();
      else if (isStopped && event.affectsConfiguration('codeassist.enable')) start();
    }),
    tellFocus(running, teller),
  );
  start();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}
