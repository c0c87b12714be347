// The health check: everything that keeps ghost text away, each with its cure.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

import { languageHere } from './documents';
import { catalog } from './models';
import { run } from './program';
import { isOlder, OLDEST } from './session';
import { isOn, mistakes, setting } from './settings';
import type { Tools } from './tools';

/** Extensions that show ghost text of their own, by their names. */
const RIVALS: Readonly<Record<string, string>> = {
  'github.copilot': 'GitHub Copilot',
  'github.copilot-chat': 'GitHub Copilot Chat',
  'codeium.codeium': 'Windsurf (Codeium)',
  'tabnine.tabnine-vscode': 'Tabnine',
  'continue.continue': 'Continue',
  'ggml-org.llama-vscode': 'llama.vscode',
  'tabbyml.vscode-tabby': 'Tabby',
  'amazonwebservices.amazon-q-vscode': 'Amazon Q',
  'google.geminicodeassist': 'Gemini Code Assist',
  'supermaven.supermaven': 'Supermaven',
  'sourcegraph.cody-ai': 'Cody',
};

/** One line of the report. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly what: string;
  /** What to do about it. */
  readonly cure?: string;
}

const CHECKING = 'codeassist: checking…';
const MARKS = { ok: '+', warning: '!', error: 'x' } as const;

/** Check everything, and show it. */
export async function healthCheck(tools: Tools): Promise<void> {
  const pending = examine(tools); // of the editor that is looked at, not of the page
  await tools.pages.show('health', CHECKING);
  const findings = await pending;
  const bad = findings.filter((finding) => finding.level !== 'ok').length;
  const head = bad ? `${bad} to look at` : 'all is well';
  tools.pages.write(
    'health',
    [`codeassist: ${head}`, '', ...findings.flatMap(lines)].join('\n'),
  );
}

function lines({ level, what, cure }: Finding): string[] {
  return [`${MARKS[level]} ${what}`, ...(cure ? [`    ${cure}`] : [])];
}

async function examine(tools: Tools): Promise<Finding[]> {
  return [
    trust(),
    ...(vscode.workspace.isTrusted ? await program(tools) : []),
    ...server(tools),
    ...settings(tools),
    ...editor(),
    ...rivals(),
  ];
}

function ok(what: string): Finding {
  return { level: 'ok', what };
}

function warning(what: string, cure: string): Finding {
  return { level: 'warning', what, cure };
}

function error(what: string, cure: string): Finding {
  return { level: 'error', what, cure };
}

function trust(): Finding {
  return vscode.workspace.isTrusted
    ? ok('the workspace is trusted')
    : error(
        'the workspace is not trusted, so the server does not run',
        'run “Workspaces: Manage Workspace Trust” if you trust it',
      );
}

async function program(tools: Tools): Promise<Finding[]> {
  let found;
  try {
    found = await tools.program();
  } catch (trouble) {
    const cure = 'run “codeassist: Install the Server”, or set codeassist.path';
    return [error((trouble as Error).message, cure)];
  }
  const where = `${found.path}, from ${found.by}`;
  const ran = await run(tools.context, found.path, ['--version']);
  const version = /^codeassist (\S+)/.exec(ran.out)?.[1];
  if (!version)
    return [
      error(
        `${where}: does not run (${ran.said})`,
        'install it again: “codeassist: Install the Server”',
      ),
    ];
  if (isOlder(version, OLDEST))
    return [
      error(
        `${where}: is codeassist ${version}, and ${OLDEST} or newer is needed`,
        'install a newer wheel or checkout there, or run “codeassist: Install the Server”',
      ),
    ];
  return [ok(`codeassist ${version}: ${where}`), await model(tools)];
}

async function model(tools: Tools): Promise<Finding> {
  const chosen = setting('model.id');
  const { model: running } = tools.teller.state;
  if (running && (!chosen || chosen === running)) return ok(`model ${running}`);
  const file = chosen.replace(/^~(?=[\\/])/, homedir()); // as the server takes it
  if (path.isAbsolute(file) || file.endsWith('.gguf')) return modelFile(file);
  try {
    const models = await catalog(tools);
    const wanted = models.find((each) => (chosen ? each.id === chosen : each.default));
    if (!wanted)
      return error(
        `codeassist.model.id names ${chosen}, which the catalog does not have`,
        'run “codeassist: Model” to choose one',
      );
    return wanted.here
      ? ok(`model ${wanted.id}`)
      : error(
          `the model ${wanted.id} is not on this machine`,
          'run “codeassist: Model” to fetch it',
        );
  } catch (trouble) {
    return error(
      `the models cannot be listed: ${(trouble as Error).message}`,
      'see the log: “codeassist: Show Log”',
    );
  }
}

function modelFile(file: string): Finding {
  return existsSync(file)
    ? ok(`model ${file}`)
    : error(
        `there is no model file ${file}`,
        'correct the setting codeassist.model.id',
      );
}

function server({ session, teller }: Tools): Finding[] {
  const { kind, message } = teller.state;
  const found: Finding[] = [];
  if (session.crashed > 0)
    found.push(
      error(
        `the server has crashed (${session.crashed} in the last minutes)`,
        'read “codeassist: Show Log”, then run “codeassist: Restart Server”',
      ),
    );
  else if (kind === 'error' || kind === 'stopped')
    found.push(
      error(
        `the server is out of order: ${message || 'it does not run'}`,
        'mend that, then run “codeassist: Restart Server”',
      ),
    );
  else if (kind === 'starting' || kind === 'loading')
    found.push(warning(`the server is ${kind}`, 'wait, and look again'));
  else if (kind !== 'missing' && kind !== 'restricted')
    found.push(ok('the server runs'));
  const after = teller.thereAfter;
  if (after !== undefined)
    found.push(ok(`it was there ${(after / 1000).toFixed(2)} s after its start`));
  return found;
}

function settings({ context }: Tools): Finding[] {
  const wrong = mistakes(context.extension).map((mistake) => error(...mistake));
  return wrong.length ? wrong : [ok('the settings fit')];
}

function editor(): Finding[] {
  const document = vscode.window.activeTextEditor?.document;
  const found: Finding[] = [];
  const inline = vscode.workspace.getConfiguration('editor.inlineSuggest', document);
  if (!inline.get<boolean>('enabled', true))
    found.push(
      error(
        'the editor shows no inline suggestions (editor.inlineSuggest.enabled is off)',
        'switch editor.inlineSuggest.enabled on',
      ),
    );
  const language = languageHere();
  if (!isOn(language))
    found.push(
      warning(
        `ghost text is switched off (codeassist.enable${language ? `, ${language}` : ''})`,
        'run “codeassist: Toggle Everywhere” or “Toggle for This Language”',
      ),
    );
  return found.length ? found : [ok('the editor shows inline suggestions')];
}

function rivals(): Finding[] {
  const here = Object.keys(RIVALS).filter((id) => vscode.extensions.getExtension(id));
  return here.map((id) =>
    warning(
      `${RIVALS[id] ?? id} is enabled and shows ghost text, too`,
      `disable one of the two in the Extensions view (${id})`,
    ),
  );
}
