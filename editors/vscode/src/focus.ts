// Where the user is about to type: the server makes that place's prompt ready.

import * as vscode from 'vscode';

import { DOCUMENTS } from './documents';
import type { Session } from './session';
import { isOn } from './settings';
import type { Kind, Teller } from './state';

/** A cursor rests when it has not moved for so long. */
const REST_MS = 100;

/** The states of a server that has its model. */
const ANSWERS: ReadonlySet<Kind> = new Set(['ready', 'quiet', 'thinking']);

/** Tells which document is looked at, and where the cursor rests that nobody typed to. */
export function tellFocus(running: Session, teller: Teller): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  let there = false;
  /** When documents were changed: the cursor moves with the text. */
  const changed = new WeakMap<vscode.TextDocument, number>();
  const isFresh = (document: vscode.TextDocument): boolean =>
    performance.now() - (changed.get(document) ?? -Infinity) < REST_MS;

  function moved({ textEditor }: vscode.TextEditorSelectionChangeEvent): void {
    if (textEditor !== vscode.window.activeTextEditor) return;
    clearTimeout(timer);
    if (isFresh(textEditor.document)) return;
    timer = setTimeout(() => {
      const here = textEditor === vscode.window.activeTextEditor;
      const typed = isFresh(textEditor.document);
      if (here && !typed && textEditor.selection.isEmpty) tell(running, textEditor);
    }, REST_MS);
  }

  function looked(editor: vscode.TextEditor | undefined): void {
    clearTimeout(timer);
    if (editor) tell(running, editor);
  }

  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(looked),
    vscode.window.onDidChangeTextEditorSelection(moved),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) changed.set(document, performance.now());
    }),
    teller.onChange(({ kind }) => {
      const before = there; // a server that has come has heard nothing yet
      there = ANSWERS.has(kind);
      if (there && !before) looked(vscode.window.activeTextEditor);
    }),
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
