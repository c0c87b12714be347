// The documents that are completed.

import * as vscode from 'vscode';

/** What is completed: files, what was never saved, cells of notebooks. */
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'];
export const DOCUMENTS = SCHEMES.map((scheme) => ({ scheme }));

/** The language that is being edited; none in a page of ours, or the output. */
export function languageHere(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && vscode.languages.match(DOCUMENTS, document)
    ? document.languageId
    : undefined;
}
