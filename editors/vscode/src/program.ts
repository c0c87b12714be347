// The `codeassist` program: where it is found, and how it is run.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { constants, promises as fs } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';

import { setting } from './settings';

const WINDOWS = process.platform === 'win32';
const NAME = WINDOWS ? 'codeassist.exe' : 'codeassist';
const VENVS = ['.venv', 'venv'];

/** Where a program was found, and by what. */
export interface Program {
  readonly path: string;
  readonly by: string;
}

/** What came of a run. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  /** The last line of stderr, without the program's name. */
  readonly said: string;
}

/** The file of a program inside a virtual environment. */
export function inVenv(venv: string, name: string = NAME): string {
  return path.join(venv, WINDOWS ? 'Scripts' : 'bin', name);
}

/** The extension's own virtual environment. */
export function privateVenv(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, 'venv');
}

/** Find the program: setting, workspace (if it is trusted), PATH, our own.
 *
 * @throws Error where the setting names something that cannot be run.
 */
export async function locate(
  context: vscode.ExtensionContext,
): Promise<Program | undefined> {
  const chosen = setting('path');
  if (chosen) {
    if (path.isAbsolute(chosen) && (await isProgram(chosen)))
      return { path: chosen, by: 'the setting codeassist.path' };
    throw new Error(
      `codeassist.path is ${chosen}, which is no program there; ` +
        'name the whole path of codeassist, or clear the setting',
    );
  }
  const places: Program[] = [
    ...ofWorkspace(),
    ...onPath(NAME).map((file) => ({ path: file, by: 'PATH' })),
    { path: inVenv(privateVenv(context)), by: "the extension's own environment" },
  ];
  for (const place of places) if (await isProgram(place.path)) return place;
  return undefined;
}

function ofWorkspace(): Program[] {
  if (!vscode.workspace.isTrusted) return [];
  const roots = (vscode.workspace.workspaceFolders ?? []).filter(
    (folder) => folder.uri.scheme === 'file',
  );
  return roots.flatMap((folder) =>
    VENVS.map((venv) => ({
      path: inVenv(path.join(folder.uri.fsPath, venv)),
      by: `${venv} of ${folder.name}`,
    })),
  );
}

/** Where a program could be; a relative entry would mean the workspace. */
export function onPath(name: string): string[] {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name));
}

/** Whether there is a file that can be executed. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await fs.access(file, WINDOWS ? constants.R_OK : constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Start it in a folder of our own: Python would import from the workspace.
 *
 * @throws Error where it cannot be executed.
 */
export async function start(
  context: vscode.ExtensionContext,
  program: string,
  args: readonly string[],
): Promise<ChildProcessWithoutNullStreams> {
  const cwd = context.globalStorageUri.fsPath;
  await fs.mkdir(cwd, { recursive: true });
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', PYTHONIOENCODING: 'utf-8' },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return child;
}

/** Run it to its end, or until the token is cancelled. */
export async function run(
  context: vscode.ExtensionContext,
  program: string,
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly token?: vscode.CancellationToken;
    readonly told?: (text: string) => void;
  } = {},
): Promise<Ran> {
  const child = await start(context, program, args);
  const cancelled = options.token?.onCancellationRequested(() => child.kill());
  let out = '';
  let trouble = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    options.told?.(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text;
    options.told?.(text);
  });
  child.stdin.on('error', () => undefined); // it need not read to the end
  child.stdin.end(options.input ?? '');
  const status = await new Promise<number>((resolve) => {
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  cancelled?.dispose();
  const said = trouble.trim().split('\n').at(-1) ?? '';
  return { status, out, said: said.replace(/^codeassist: /, '') };
}
