// The settings: what the server is told, where ghost text is on, what is wrong in them.

import * as vscode from 'vscode';

const ROOT = 'codeassist';
const ALL = '*';

/** Those sections that the server knows; all else is of the extension alone. */
const SERVER_SECTIONS = ['model', 'completion', 'records'] as const;

const MISSPELT =
  'correct it in the settings, or write it into config.toml, where all of them count';
const UNFIT = 'correct it in the settings; until then the default counts';

type Table = Record<string, unknown>;

/** What package.json says of a setting. */
interface Property {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'object';
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What a setting of our own has been set to; undefined: nothing. */
export function setting(key: string): string {
  const value: unknown = vscode.workspace.getConfiguration(ROOT).get(key);
  return typeof value === 'string' ? value : '';
}

/** What the user has set for the server. Defaults stay away, and so does a model without
 * a name: `config.toml` would lose against them. Bad values go along, for the server says
 * what is wrong with them. */
export function forServer(scope?: vscode.Uri): Table {
  const config = vscode.workspace.getConfiguration(ROOT, scope ?? null);
  const found: Table = {};
  for (const section of SERVER_SECTIONS) {
    const table: unknown = config.get(section);
    if (isTable(table)) {
      const own = Object.entries(table).filter(
        ([key, value]) =>
          isSet(config, `${section}.${key}`) && !(key === 'id' && value === ''),
      );
      if (own.length > 0) found[section] = Object.fromEntries(own);
    }
  }
  return found;
}

/** Set for this machine, or back to the default with undefined. */
export async function remember(key: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration(ROOT)
    .update(key, value, vscode.ConfigurationTarget.Global);
}

/** Whether ghost text is wanted in documents of a language; without one: in general. */
export function isOn(language: string = ALL): boolean {
  const table: unknown = vscode.workspace.getConfiguration(ROOT).get('enable');
  return !isTable(table) || saysOn(table, language);
}

/** Whether there is any language in which it is wanted. */
export function isOnSomewhere(): boolean {
  const table: unknown = vscode.workspace.getConfiguration(ROOT).get('enable');
  return isOn() || (isTable(table) && Object.values(table).includes(true));
}

function saysOn(table: Table, language: string): boolean {
  return (table[language] ?? table[ALL]) !== false;
}

/** Switch ghost text for a language, or without one for all of them.
 *
 * Where the workspace has a word on it, the user's would not count, and so is not changed.
 *
 * @returns Whether it is on then.
 */
export async function toggle(language: string = ALL): Promise<boolean> {
  const wanted = !isOn(language);
  const config = vscode.workspace.getConfiguration(ROOT);
  const { defaultValue, globalValue, workspaceValue } =
    config.inspect<Table>('enable') ?? {};
  if (workspaceValue === undefined) {
    const own = turned(globalValue ?? {}, [{ ...defaultValue }], language, wanted);
    await remember('enable', own);
  } else {
    const beneath = [{ ...defaultValue }, { ...globalValue }];
    const own = turned(workspaceValue, beneath, language, wanted);
    await config.update('enable', own, vscode.ConfigurationTarget.Workspace);
  }
  return isOn(language);
}

/** A table with a language switched; those beneath count where it says nothing, the
 * defaults first.
 *
 * No more is said than is needed: all languages at once need no word for each, and those
 * that are off by default stay so. */
function turned(
  own: Table,
  layers: readonly Table[],
  language: string,
  wanted: boolean,
): Table {
  const beneath = Object.assign({}, ...layers) as Table;
  if (language === ALL) {
    const others = Object.keys(beneath).filter((each) => each !== ALL);
    const usual = (each: string): boolean => layers[0]?.[each] !== false;
    const against = others.filter(
      (each) => saysOn(beneath, each) !== wanted && (!wanted || usual(each)),
    );
    return Object.fromEntries([ALL, ...against].map((each) => [each, wanted]));
  }
  const others = Object.entries(own).filter(([each]) => each !== language);
  const rest = Object.fromEntries(others);
  const isSo = saysOn({ ...beneath, ...rest }, language) === wanted;
  return isSo ? rest : { ...rest, [language]: wanted };
}

/** One line for each setting that is unknown or unfit, and what to do. */
export function mistakes(extension: vscode.Extension<unknown>): [string, string][] {
  const properties = known(extension);
  const config = vscode.workspace.getConfiguration(ROOT);
  const keys = SERVER_SECTIONS.flatMap((section) => {
    const table: unknown = config.get(section);
    return isTable(table) ? Object.keys(table).map((key) => `${section}.${key}`) : [];
  });
  return [...new Set([...keys, 'path', 'enable'])].flatMap((key) => {
    const name = `${ROOT}.${key}`;
    const property = properties[name];
    if (!property) return [[`${name} is no setting of the extension`, MISSPELT]];
    const wrong = unfit(property, config.get(key));
    return wrong ? [[`${name} ${wrong}`, UNFIT]] : [];
  });
}

function known(extension: vscode.Extension<unknown>): Record<string, Property> {
  const manifest = extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, Property> } };
  };
  return manifest.contributes.configuration.properties;
}

function unfit(property: Property, value: unknown): string | undefined {
  const said = JSON.stringify(value);
  if (!isOf(property.type, value)) return `takes ${property.type}, not ${said}`;
  if (property.enum && !property.enum.includes(value as string))
    return `is one of ${property.enum.join(', ')}, not ${said}`;
  const { minimum = -Infinity, maximum = Infinity } = property;
  if (typeof value === 'number' && !(minimum <= value && value <= maximum))
    return `is from ${minimum}${maximum < Infinity ? ` to ${maximum}` : ' up'}, not ${said}`;
  return undefined;
}

function isOf(type: Property['type'], value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return isTable(value);
  return typeof value === type;
}

function isSet(config: vscode.WorkspaceConfiguration, key: string): boolean {
  const found = config.inspect(key);
  return (
    found?.globalValue !== undefined ||
    found?.workspaceValue !== undefined ||
    found?.workspaceFolderValue !== undefined
  );
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
