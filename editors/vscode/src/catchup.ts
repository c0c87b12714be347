// What was typed before there was a server to ask: it is asked for once there is one.

import * as vscode from 'vscode';

import { DOCUMENTS } from './documents';
import type { Teller } from './state';

/** While it is true, the request that comes was not made by hand. */
let catchingUp = false;

/** Ask for the last key once the server is ready, if somebody was typing meanwhile.
 *
 * VS Code asks at keys, and only those that it knows to ask then.
 */
export function catchUp(teller: Teller): vscode.Disposable {
  let unheard: vscode.TextDocument | undefined;
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      const waiting = ['starting', 'loading'].includes(teller.state.kind);
      if (waiting && vscode.languages.match(DOCUMENTS, document)) unheard = document;
    }),
    teller.onChange(({ kind }) => {
      if (kind !== 'ready') return;
      const document = unheard;
      unheard = undefined;
      if (document && document === vscode.window.activeTextEditor?.document) void ask();
    }),
  );
}

async function ask(): Promise<void> {
  catchingUp = true;
  try {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  } finally {
    catchingUp = false;
  }
}

/** The context of a request as it should be: one that catches up is none made by hand. */
export function asTyped(
  context: vscode.InlineCompletionContext,
): vscode.InlineCompletionContext {
  if (!catchingUp) return context;
  return { ...context, triggerKind: vscode.InlineCompletionTriggerKind.Automatic };
}
