// What was typed, or asked for, before there was a server: asked once there is one.

import * as vscode from 'vscode';

import { DOCUMENTS } from './documents';
import type { Teller } from './state';

/** While it is true, the request that comes was not made by hand. */
let catchingUp = false;

/** Ask once the server is ready, if somebody was typing meanwhile or has asked by hand.
 *
 * VS Code asks at keys, and only those that it knows to ask then.
 *
 * @param start Starts the server, which does not run where ghost text is off.
 */
export function catchUp(teller: Teller, start: () => void): vscode.Disposable {
  let unheard: vscode.TextDocument | undefined;
  let byHand = false;
  const comes = (): boolean => ['starting', 'loading'].includes(teller.state.kind);
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (comes() && vscode.languages.match(DOCUMENTS, document)) unheard = document;
    }),
    vscode.languages.registerInlineCompletionItemProvider(DOCUMENTS, {
      provideInlineCompletionItems(document, _position, { triggerKind }) {
        const isInvoked = triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
        const isStopped = teller.state.kind === 'stopped';
        if (isInvoked && (isStopped || comes())) [unheard, byHand] = [document, true];
        if (isInvoked && isStopped) start();
        return [];
      },
    }),
    teller.onChange(({ kind }) => {
      if (kind !== 'ready') return;
      const [document, asked] = [unheard, byHand];
      [unheard, byHand] = [undefined, false];
      if (document && document === vscode.window.activeTextEditor?.document)
        void ask(asked);
    }),
  );
}

async function ask(byHand: boolean): Promise<void> {
  catchingUp = !byHand;
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
