// Choose a model, and fetch it if it is not here.

import * as vscode from 'vscode';

import { remember, setting } from './settings';
import { Trouble, type Tools } from './tools';

/** A line of `codeassist models list --json`. */
export interface Model {
  readonly id: string;
  readonly default: boolean;
  readonly family: string;
  readonly size: number;
  readonly licence: string;
  readonly here: boolean;
}

/** The catalog. */
export async function catalog(tools: Tools): Promise<Model[]> {
  return JSON.parse(await tools.ask(['models', 'list', '--json'])) as Model[];
}

/** Fetch and use a model; without its id, ask which. */
export async function chooseModel(tools: Tools, id?: string): Promise<void> {
  const models = await catalog(tools);
  const { model: running } = tools.teller.state;
  const model = id
    ? models.find((each) => each.id === id)
    : await pick(models, running);
  if (!model) {
    if (id) throw new Trouble(`the catalog has no model ${id}`);
    return;
  }
  // the user has said so already, where an id was given
  if (!model.here && !(id ?? (await wanted(model)))) return;
  if (!model.here && !(await fetch(tools, model))) return;
  // the default, too: config.toml may name another, or a time that it chooses by
  await remember('model.id', model.id);
}

async function pick(
  models: readonly Model[],
  running: string,
): Promise<Model | undefined> {
  const used = running || setting('model.id');
  const items = models.map((model) => ({
    model,
    label: model.id,
    description: model.here ? 'here' : `${megabytes(model)} to fetch`,
    detail: [
      model.family || 'no fill in the middle',
      model.licence,
      model.default ? 'the default' : '',
      (used ? model.id === used : model.default) ? 'in use' : '',
    ]
      .filter(Boolean)
      .join(' · '),
  }));
  const title = 'codeassist: Model';
  return (await vscode.window.showQuickPick(items, { title }))?.model;
}

async function wanted(model: Model): Promise<boolean> {
  const answer = await vscode.window.showInformationMessage(
    `Fetch ${model.id} (${megabytes(model)}, ${model.licence})?`,
    { modal: true },
    'Fetch',
  );
  return answer === 'Fetch';
}

async function fetch(tools: Tools, model: Model): Promise<boolean> {
  const { id } = model;
  const outcome = await tools.order('codeassist.server.pull', { id });
  if (outcome.status === 'failed') throw new Trouble(outcome.message);
  return outcome.status === 'ready';
}

function megabytes(model: Model): string {
  return `${Math.round(model.size / 1e6)} MB`;
}
