// Where the user is about to type: the server makes that place's prompt ready.

import * as vscode from 'vscode';

import { DOCUMENTS } from './documents';
import type { Session } from './session';
import { isOn } from './settings';

/** A cursor rests when it has not moved for so long. */
const REST_MS = 100;

/** Tells which document is looked at, and where the cursor rests that nobody typed to. */
export function tellFocus(running: Session): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  /** The versions that cursors were seen in: another one was typed to. */
  const seen = new WeakMap<vscode.TextDocument, number>();

  function moved({ textEditor }: vscode.TextEditorSelectionChangeEvent): void {
    const { document } = textEditor;
    clearTimeout(timer);
    const version = seen.get(document) ?? document.version;
    seen.set(document, document.version);
    if (version !== document.version) return;
    timer = setTimeout(() => {
      const here = textEditor === vscode.window.activeTextEditor;
      const typed = version !== document.version;
      if (here && !typed && textEditor.selection.isEmpty) tell(running, textEditor);
    }, REST_MS);
  }

  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      clearTimeout(timer);
      if (!editor) return;
      seen.set(editor.document, editor.document.version);
      tell(running, editor);
    }),
    vscode.window.onDidChangeTextEditorSelection(moved),
    {
      dispose: () => {
        clearTimeout(timer);
      },
    },
  );
}

function tell(running: Session, { document, selection }: vscode.TextEditor): void {
  if (!vscode.languages.match(DOCUMENTS, document) || !isOn(document.languageId))
    return;
  const { line, character } = selection.active;
  running.notify('textDocument/didFocus', {
    textDocument: { uri: document.uri.toString() },
    ...(selection.isEmpty ? { position: { line, character } } : {}),
  });
}
