// One connection to a server: what is asked and told, and what of it the user sees.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  MessageType,
  RevealOutputChannelOn,
  ShowMessageNotification,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';

import { asTyped } from './catchup';
import { DOCUMENTS } from './documents';
import { ProgressBars } from './progress';
import { forServer, isOn } from './settings';
import type { ServerStatus, Teller } from './state';

/** The words of a message that names a model to fetch. */
const FETCH = /`codeassist models pull ([\w.-]+)`/;

/** All that goes wrong is in the log; `Session` says what the user has to know. */
class Quiet extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** A client for a server that runs already.
 *
 * @param lost Called when the connection is gone.
 */
export function makeClient(
  child: ChildProcessWithoutNullStreams,
  output: vscode.LogOutputChannel,
  teller: Teller,
  lost: () => void,
): LanguageClient {
  const bars = new ProgressBars();
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        bars.end();
        lost();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      provideInlineCompletionItems: (document, position, context, token, next) => {
        const asked = asTyped(context);
        const byHand = asked.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
        return byHand || isOn(document.languageId)
          ? next(document, position, asked, token)
          : [];
      },
      handleWorkDoneProgress: (token, params, next) => {
        if (!bars.take(token, params)) next(token, params);
      },
      workspace: {
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          if (!Array.isArray(answers)) return answers;
          return params.items.map((item, n): unknown =>
            item.section === 'codeassist'
              ? forServer(item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined)
              : answers[n],
          );
        },
      },
    },
  };
  const server = (): Promise<ChildProcessWithoutNullStreams> => Promise.resolve(child);
  const client = new Quiet('codeassist', 'codeassist', server, options);
  bars.cancel = (token) => {
    void client.sendNotification('window/workDoneProgress/cancel', { token });
  };
  const said = new Set<string>();
  client.onNotification(ShowMessageNotification.type, ({ type, message }) => {
    if (!said.has(message)) void show(type, message);
    said.add(message);
  });
  client.onNotification('codeassist/status', (status: ServerStatus) => {
    teller.take(status);
  });
  client.onNotification('didChangeStatus', ({ busy }: { busy: boolean }) => {
    teller.think(busy);
  });
  return client;
}

async function show(type: MessageType, message: string): Promise<void> {
  const model = FETCH.exec(message)?.[1];
  if (model) {
    const text = `codeassist: the model ${model} is not on this machine.`;
    const answer = await vscode.window.showWarningMessage(text, 'Fetch', 'Other Model');
    if (answer === 'Fetch')
      await vscode.commands.executeCommand('codeassist.model', model);
    if (answer === 'Other Model')
      await vscode.commands.executeCommand('codeassist.model');
  } else if (type === MessageType.Error) {
    await vscode.window.showErrorMessage(message);
  } else if (type === MessageType.Warning) {
    await vscode.window.showWarningMessage(message);
  } else {
    await vscode.window.showInformationMessage(message);
  }
}
