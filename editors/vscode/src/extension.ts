// codeassist in VS Code: starts the server, shows ghost text, says how it is.

import * as vscode from 'vscode';

import { catchUp } from './catchup';
import { addCommands } from './commands';
import { tellFocus } from './focus';
import { offer } from './install';
import { Pages } from './pages';
import { Session } from './session';
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
  context.subscriptions.push(
    output,
    teller,
    pages,
    running,
    addStatusBar(teller),
    catchUp(teller),
    addCommands(new Tools(context, running, teller, pages)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('codeassist.path')) restart();
    }),
    tellFocus(running, teller),
  );
  restart();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}
