// The commands, and the menu behind the item in the status bar.

import * as vscode from 'vscode';

import { languageHere } from './documents';
import { finetune, handleAdapters } from './finetune';
import { healthCheck } from './health';
import { install } from './install';
import { chooseModel } from './models';
import { forServer, isOn, toggle } from './settings';
import { inOneLine } from './statusbar';
import { Trouble, type Tools } from './tools';

const LOG = 'Show Log';

/** By their names without the prefix; the server's begin with `codeassist.server.`. */
const COMMANDS: Readonly<
  Record<string, (tools: Tools, argument?: unknown) => Promise<void>>
> = {
  menu,
  status: async ({ teller }) => {
    await vscode.window.showInformationMessage(
      `codeassist: ${inOneLine(teller.state)}`,
    );
  },
  why: async (tools) => tools.pages.show('why', await tools.ask(['why'])),
  explain,
  stats: async (tools) => tools.pages.show('stats', await tools.ask(['stats'])),
  model: (tools, id) => chooseModel(tools, typeof id === 'string' ? id : undefined),
  finetune,
  adapters: handleAdapters,
  health: healthCheck,
  log: showLog,
  toggle: async () => {
    tellOn(await toggle(), 'everywhere');
  },
  toggleLanguage: async () => {
    const language = languageHere();
    if (!language) throw new Trouble('open a file of that language first');
    tellOn(await toggle(language), `for ${language}`);
  },
  restart: ({ session }) => session.restart(),
  install,
};

/** Register all; what goes wrong in one is told in one line. */
export function addCommands(tools: Tools): vscode.Disposable {
  const { output } = tools.session;
  const registered = Object.entries(COMMANDS).map(([name, command]) =>
    vscode.commands.registerCommand(
      `codeassist.${name}`,
      async (argument?: unknown) => {
        try {
          await command(tools, argument);
        } catch (error) {
          output.error(error instanceof Trouble ? error.message : (error as Error));
          void tell((error as Error).message);
        }
      },
    ),
  );
  return vscode.Disposable.from(...registered);
}

/** A failure stays on screen until it is answered: who started long work may be away. */
async function tell(message: string): Promise<void> {
  const answer = await vscode.window.showErrorMessage(`codeassist: ${message}`, LOG);
  if (answer === LOG) await vscode.commands.executeCommand('codeassist.log');
}

function tellOn(on: boolean, where: string): void {
  const text = `codeassist: ghost text is ${on ? 'on' : 'off'} ${where}`;
  vscode.window.setStatusBarMessage(text, 5000);
}

async function menu({ teller }: Tools): Promise<void> {
  const language = languageHere();
  const turn = (name?: string): string =>
    isOn(name) ? '$(eye-closed) Hide' : '$(eye) Show';
  const items: (vscode.QuickPickItem & { command?: string })[] = [
    { label: '$(question) Why', description: 'the last requests', command: 'why' },
    {
      label: '$(search) Explain',
      description: 'what the model sees here',
      command: 'explain',
    },
    {
      label: '$(graph) Stats',
      description: 'what suggestions were worth',
      command: 'stats',
    },
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(package) Model', description: 'choose, fetch', command: 'model' },
    {
      label: '$(mortar-board) Fine-tune',
      description: 'on this repository',
      command: 'finetune',
    },
    { label: '$(layers) Adapters', command: 'adapters' },
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: `${turn()} everywhere`, command: 'toggle' },
    ...(language
      ? [{ label: `${turn(language)} for ${language}`, command: 'toggleLanguage' }]
      : []),
    { label: '$(pulse) Health Check', command: 'health' },
    { label: '$(output) Show Log', command: 'log' },
    { label: '$(debug-restart) Restart Server', command: 'restart' },
  ];
  const title = `codeassist: ${inOneLine(teller.state)}`;
  const chosen = await vscode.window.showQuickPick(items, { title });
  if (chosen?.command)
    await vscode.commands.executeCommand(`codeassist.${chosen.command}`);
}

async function explain(tools: Tools): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw new Trouble('put the cursor into a file first');
  const { document, selection } = editor;
  const { line, character } = selection.active;
  const before = document.lineAt(line).text.slice(0, character);
  const place = `${line + 1}:${Array.from(before).length + 1}`;
  const path = document.fileName;
  const page = await tools.ask(
    [
      'explain',
      '--stdin',
      ...['--path', path],
      ...['--language', document.languageId],
      ...['--settings', JSON.stringify(forServer())],
      `${path}:${place}`,
    ],
    document.getText(),
  );
  await tools.pages.show('explain', page);
}

async function showLog({ session }: Tools): Promise<void> {
  session.output.show(true);
  try {
    await vscode.window.showTextDocument(session.log);
  } catch {
    // the server has written none: the extension's own is shown
  }
}
