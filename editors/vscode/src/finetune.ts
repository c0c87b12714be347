// Fine-tune on a repository, and handle the adapters that came of it.

import { existsSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';

import { showReport } from './pages';
import { Trouble, type Outcome, type Tools } from './tools';

const BUDGET = /^(\d+h)?(\d+m)?(\d+s)?$/;

/** Ask what is to be learned and for how long, and let the server do it. */
export async function finetune(tools: Tools): Promise<void> {
  const folder = await chooseFolder();
  if (!folder) return;
  const budget = await vscode.window.showInputBox({
    title: `codeassist: Fine-tune on ${folder.name}`,
    prompt: 'Time that it may take, like 20m or 1h30m',
    value: '20m',
    validateInput: (text) =>
      text && BUDGET.test(text) ? undefined : 'Write it like 20m or 1h30m',
  });
  if (!budget) return;
  const { fsPath } = folder.uri;
  await told(await tools.order('codeassist.server.finetune', { path: fsPath, budget }));
}

async function chooseFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) throw new Trouble('open the folder of a repository first');
  return folders.length === 1 ? folders[0] : vscode.window.showWorkspaceFolderPick();
}

async function told(outcome: Outcome): Promise<void> {
  if (outcome.status === 'cancelled') return;
  const buttons = outcome.report ? ['Open Report'] : [];
  const show =
    outcome.status === 'failed'
      ? vscode.window.showErrorMessage
      : vscode.window.showInformationMessage;
  const answer = await show(`codeassist: ${outcome.message}`, ...buttons);
  if (answer && outcome.report) await showReport(outcome.report);
}

/** A line of `codeassist adapters list --json`. */
interface Adapter {
  readonly name: string;
  readonly active: boolean;
  readonly model: string;
  readonly made: string;
  readonly repository: string;
  /** Its folder. */
  readonly path: string;
}

/** Show the adapters; use, read about or remove one. */
export async function handleAdapters(tools: Tools): Promise<void> {
  const listed = await tools.ask(['adapters', 'list', '--json']);
  const adapters = JSON.parse(listed) as Adapter[];
  if (adapters.length === 0) {
    const text =
      'codeassist: there are no adapters; fine-tuning on a repository makes one.';
    const answer = await vscode.window.showInformationMessage(text, 'Fine-tune');
    if (answer) await finetune(tools);
    return;
  }
  const items = adapters.map((adapter) => ({
    adapter,
    label: `${adapter.active ? '$(check) ' : ''}${adapter.name}`,
    description: adapter.model,
    detail: `${path.basename(adapter.repository)} · ${adapter.made.slice(0, 10)}`,
  }));
  const title = 'codeassist: Adapters';
  const chosen = await vscode.window.showQuickPick(items, { title });
  if (chosen) await handle(tools, chosen.adapter);
}

async function handle(tools: Tools, adapter: Adapter): Promise<void> {
  const { name, active } = adapter;
  const report = path.join(adapter.path, 'report.html');
  const actions: [string, () => Promise<unknown>][] = [
    active
      ? [
          'Back to what was active before',
          () => tools.ask(['adapters', 'rollback', name]),
        ]
      : ['Use it', () => tools.ask(['adapters', 'activate', name])],
    ['Remove it', () => remove(tools, name)],
  ];
  if (existsSync(report)) actions.push(['Open its report', () => showReport(report)]);
  const labels = actions.map(([label]) => label);
  const label = await vscode.window.showQuickPick(labels, { title: name });
  await actions.find(([each]) => each === label)?.[1]();
}

async function remove(tools: Tools, name: string): Promise<void> {
  const text = `Remove the adapter ${name} from this machine?`;
  const answer = await vscode.window.showWarningMessage(
    text,
    { modal: true },
    'Remove',
  );
  if (answer) await tools.ask(['adapters', 'remove', name]);
}
