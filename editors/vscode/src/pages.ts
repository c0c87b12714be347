// What is shown to be read: texts in a tab, and the fine-tune report as a page.

import { promises as fs } from 'node:fs';
import * as vscode from 'vscode';

const SCHEME = 'codeassist';

/** Nothing runs and nothing is fetched, whatever the page says. */
const POLICY =
  '<meta http-equiv="Content-Security-Policy" content="' +
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:\">";

/** Read-only documents, each under its title; a newer one takes its place. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly emitter = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.emitter.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(
    SCHEME,
    this,
  );

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  /** Open a text in a tab. */
  async show(title: string, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.write(title, text));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Put a text where `show` has opened a tab; who has moved on keeps the keyboard. */
  write(title: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `codeassist ${title}` });
    this.texts.set(uri.path, text);
    this.emitter.fire(uri);
    return uri;
  }

  dispose(): void {
    this.registration.dispose();
    this.emitter.dispose();
  }
}

/** Open an HTML file of the server as a page, without its scripts.
 *
 * @throws Error where it cannot be read.
 */
export async function showReport(file: string): Promise<void> {
  const html = await fs.readFile(file, 'utf8');
  const panel = vscode.window.createWebviewPanel(
    'codeassist.report',
    'codeassist: Fine-tune Report',
    vscode.ViewColumn.Active,
    { enableScripts: false, enableForms: false, localResourceRoots: [] },
  );
  const head = /<head[^>]*>/i;
  panel.webview.html = head.test(html)
    ? html.replace(head, (tag) => tag + POLICY)
    : POLICY + html;
}
