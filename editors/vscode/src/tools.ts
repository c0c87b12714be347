// What the commands share: the program, the session, places to show things.

import * as vscode from 'vscode';

import type { Pages } from './pages';
import { locate, run, type Program, type Ran } from './program';
import type { Session } from './session';
import type { Teller } from './state';

/** Something went wrong that the user is told in one line. */
export class Trouble extends Error {}

/** Handed to every command. */
export class Tools {
  constructor(
    readonly context: vscode.ExtensionContext,
    readonly session: Session,
    readonly teller: Teller,
    readonly pages: Pages,
  ) {}

  /** The program.
   *
   * @throws Trouble where there is none, or it may not be run.
   */
  async program(): Promise<Program> {
    if (!vscode.workspace.isTrusted) throw new Trouble('trust this workspace first');
    const found = await locate(this.context);
    if (!found)
      throw new Trouble('codeassist is not installed; run “codeassist: Install”');
    return found;
  }

  /** What a subcommand prints; a bar stands in the status bar meanwhile.
   *
   * @throws Trouble with what it says, where it fails.
   */
  async ask(args: readonly string[], input?: string): Promise<string> {
    const program = await this.program();
    const options = {
      location: vscode.ProgressLocation.Window,
      title: `codeassist ${args[0] ?? ''}`,
    };
    const ran = await vscode.window.withProgress<Ran>(options, () =>
      run(this.context, program.path, args, input === undefined ? {} : { input }),
    );
    if (ran.status !== 0) throw new Trouble(ran.said || `status ${ran.status}`);
    return ran.out;
  }

  /** What the server says of a command that takes long.
   *
   * @throws Trouble where there is no server.
   */
  async order(command: string, argument: object): Promise<Outcome> {
    const outcome = await this.session.execute(command, argument);
    if (!outcome)
      throw new Trouble('the server does not run; see “codeassist: Health Check”');
    return outcome as Outcome;
  }
}

/** The answer to `codeassist.server.*`. */
export interface Outcome {
  readonly status: 'activated' | 'refused' | 'ready' | 'cancelled' | 'failed';
  readonly message: string;
  readonly report?: string | null;
}
