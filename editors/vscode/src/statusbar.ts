// The item in the status bar: how the server is, why it is silent, and the way to all else.

import * as vscode from 'vscode';

import { languageHere } from './documents';
import { inWords } from './reasons';
import { isOn } from './settings';
import type { Kind, State, Teller } from './state';

const ICONS: Readonly<Record<Kind, string>> = {
  missing: '$(warning)',
  restricted: '$(lock)',
  starting: '$(loading~spin)',
  loading: '$(loading~spin)',
  thinking: '$(loading~spin)',
  ready: '$(check)',
  quiet: '$(circle-slash)',
  error: '$(error)',
  stopped: '$(debug-stop)',
};

const HEADLINES: Readonly<Record<Kind, string>> = {
  missing: 'The server is not installed',
  restricted: 'Restricted mode: the server starts when you trust this workspace',
  starting: 'The server is starting',
  loading: 'The model is loading',
  thinking: 'Thinking',
  ready: 'Ready',
  quiet: 'Nothing to show',
  error: 'Out of order',
  stopped: 'Stopped',
};

/** Show the state from now on. */
export function addStatusBar(teller: Teller): vscode.Disposable {
  const item = vscode.window.createStatusBarItem(
    'status',
    vscode.StatusBarAlignment.Right,
    100,
  );
  item.name = 'codeassist';
  item.command = 'codeassist.menu';
  const draw = (): void => {
    paint(item, teller.state);
  };
  draw();
  item.show();
  return vscode.Disposable.from(
    item,
    teller.onChange(draw),
    vscode.window.onDidChangeActiveTextEditor(draw),
    vscode.workspace.onDidChangeConfiguration(draw),
  );
}

function paint(item: vscode.StatusBarItem, state: State): void {
  const isOutOfOrder = state.kind === 'error' || state.kind === 'missing';
  const off = isOutOfOrder ? '' : offHere(); // which would hide what has to be mended
  const icon = off ? '$(circle-slash)' : ICONS[state.kind];
  item.text = `${icon} codeassist`; // always as wide: it changes with nearly every key
  item.tooltip = off || inOneLine(state);
  item.accessibilityInformation = { label: `codeassist: ${item.tooltip}` };
  item.backgroundColor = isOutOfOrder
    ? new vscode.ThemeColor('statusBarItem.warningBackground')
    : undefined;
}

function offHere(): string {
  const language = languageHere();
  if (isOn(language)) return '';
  return language && isOn()
    ? `Switched off for ${language}`
    : 'Switched off (codeassist.enable)';
}

/** The state in one line. */
export function inOneLine(state: State): string {
  const { kind, reason, message, model, shown, accepted } = state;
  const why = reason && kind === 'quiet' ? `: ${inWords(reason)}` : '';
  const parts = [HEADLINES[kind] + why, message && message !== reason ? message : ''];
  if (model) parts.push(model, `${accepted} of ${shown} suggestions accepted`);
  return parts.filter(Boolean).join(' · ');
}
