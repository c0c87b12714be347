// Install the server into a private environment, if the user says so and from where.
//
// Never by its bare name: on the public index that name is a stranger's.

import * as vscode from 'vscode';

import { inVenv, isProgram, onPath, privateVenv, run } from './program';
import { Trouble, type Tools } from './tools';

const WINDOWS = process.platform === 'win32';
const PYTHONS = WINDOWS ? ['python.exe', 'py.exe'] : ['python3', 'python'];
const CHECK = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';

const FROM_FILE = 'Install from a File or Folder…';
const CHOOSE = 'Choose the Program…';

/** Say once that the server is missing, and what can be done. */
export async function offer(): Promise<void> {
  const answer = await vscode.window.showWarningMessage(
    'codeassist: the server is not installed here. Install it, or say where it is.',
    'Install…',
    CHOOSE,
  );
  if (answer === 'Install…') await vscode.commands.executeCommand('codeassist.install');
  if (answer === CHOOSE)
    await vscode.commands.executeCommand(
      'workbench.action.openSettings',
      'codeassist.path',
    );
}

/** Ask, and install. */
export async function install(tools: Tools): Promise<void> {
  const python = await findPython(tools);
  const venv = privateVenv(tools.context);
  const answer = await vscode.window.showInformationMessage(
    'Install codeassist into an environment of its own?',
    {
      modal: true,
      detail:
        `${venv}, made with ${python}, from a wheel of codeassist or its checkout. ` +
        'pip fetches what that needs from where it is configured to look; ' +
        'llama.cpp may be compiled, which takes minutes.',
    },
    FROM_FILE,
  );
  const source = answer && (await chooseSource());
  if (!source) return;
  const options = {
    location: vscode.ProgressLocation.Notification,
    cancellable: true,
    title: 'codeassist: installing the server',
  };
  await vscode.window.withProgress(options, async (progress, token) => {
    const inside = inVenv(venv, WINDOWS ? 'python.exe' : 'python');
    // by force, as a newer wheel may say that it is the same version
    const steps: [string, string, string[]][] = [
      ['making the environment', python, ['-m', 'venv', venv]],
      ['installing', inside, pip('--force-reinstall', '--no-deps', source)],
      ['installing what it needs', inside, pip('--upgrade', source)],
    ];
    for (const [message, program, args] of steps) {
      progress.report({ message });
      await done(tools, program, args, token);
    }
  });
  await tools.session.restart();
}

function pip(...words: string[]): string[] {
  return ['-m', 'pip', '--disable-pip-version-check', 'install', ...words];
}

async function done(
  tools: Tools,
  program: string,
  args: string[],
  token: vscode.CancellationToken,
): Promise<void> {
  const { output } = tools.session;
  output.info([program, ...args].join(' '));
  const told = (text: string): void => {
    output.append(text);
  };
  const ran = await run(tools.context, program, args, { token, told });
  if (token.isCancellationRequested)
    throw new Trouble('the installation was cancelled');
  if (ran.status !== 0) throw new Trouble(`not installed: ${ran.said}`);
}

async function findPython(tools: Tools): Promise<string> {
  for (const file of PYTHONS.flatMap(onPath)) {
    if (!(await isProgram(file))) continue;
    const ran = await run(tools.context, file, ['-c', CHECK]);
    if (ran.status === 0) return file;
  }
  throw new Trouble('installing needs Python 3.11 or newer, with venv, on PATH');
}

async function chooseSource(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'A wheel of codeassist, or its checkout',
    canSelectFiles: true,
    canSelectFolders: true,
    filters: { 'Python packages': ['whl', 'gz'], 'All files': ['*'] },
  });
  return chosen?.[0]?.fsPath;
}
