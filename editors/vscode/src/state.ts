// What the user is told of the server: one state, whoever finds it out.

import * as vscode from 'vscode';

import { isPassing } from './reasons';

/** The server's notification `codeassist/status`. */
export interface ServerStatus {
  readonly kind: string;
  readonly message?: string;
  readonly reason?: string | null;
  readonly model?: string | null;
  readonly shown?: number;
  readonly accepted?: number;
}

export type Kind =
  | 'missing'
  | 'restricted'
  | 'starting'
  | 'loading'
  | 'thinking'
  | 'ready'
  | 'quiet'
  | 'error'
  | 'stopped';

export interface State {
  readonly kind: Kind;
  /** One line: what is under way, or what is wrong and what to do. */
  readonly message: string;
  /** Why the last answer was empty. */
  readonly reason: string;
  readonly model: string;
  readonly shown: number;
  readonly accepted: number;
}

const NOTHING: State = {
  kind: 'stopped',
  message: '',
  reason: '',
  model: '',
  shown: 0,
  accepted: 0,
};

/** The state, and who wants to know of it. */
export class Teller implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<State>();
  private now = NOTHING;
  private busy = false;
  private begun = performance.now();
  private thereMs: number | undefined;
  readonly onChange = this.emitter.event;

  get state(): State {
    const idle = this.now.kind === 'ready' || this.now.kind === 'quiet';
    return this.busy && idle ? { ...this.now, kind: 'thinking' } : this.now;
  }

  /** Milliseconds from the start until it was ready, or has said what it lacks. */
  get thereAfter(): number | undefined {
    return this.thereMs;
  }

  /** Whether the model works for a request. */
  think(busy: boolean): void {
    if (busy === this.busy) return;
    this.busy = busy;
    this.emitter.fire(this.state);
  }

  /** The extension itself knows how things are. */
  tell(kind: Kind, message = ''): void {
    this.busy = false;
    if (kind === 'starting') {
      this.begun = performance.now();
      this.thereMs = undefined;
    }
    this.put({ ...NOTHING, kind, message });
  }

  /** The server has told how it is. */
  take(status: ServerStatus): void {
    const reason = status.reason ?? '';
    if (isPassing(reason)) return;
    const kind = kindOf(status.kind, reason);
    if (kind === 'ready' || kind === 'error')
      this.thereMs ??= performance.now() - this.begun;
    this.put({
      kind,
      message: status.message ?? '',
      reason,
      model: status.model ?? '',
      shown: status.shown ?? 0,
      accepted: status.accepted ?? 0,
    });
  }

  dispose(): void {
    this.emitter.dispose();
  }

  private put(state: State): void {
    this.now = state;
    this.emitter.fire(this.state);
  }
}

function kindOf(kind: string, reason: string): Kind {
  // a request that failed is no server that failed
  const failed = kind === 'error' && reason !== 'error';
  if (kind === 'loading' || failed) return failed ? 'error' : 'loading';
  return reason ? 'quiet' : 'ready';
}
