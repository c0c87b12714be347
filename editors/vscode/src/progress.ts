// Work of the server that takes long: what can be cancelled is a notification with a
// button, all else a line in the status bar.

import * as vscode from 'vscode';
import type {
  ProgressToken,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from 'vscode-languageclient/node';

type News = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

/** The bars; the language client would show no button, and no per cent in the status
 * bar. */
export class ProgressBars {
  /** Called with the token of the work that is not wanted any more. */
  cancel: (token: ProgressToken) => void = () => undefined;
  private readonly bars = new Map<ProgressToken, Bar>();

  /** Take the news of some work; false: nobody has said that it begins. */
  take(token: ProgressToken, news: News): boolean {
    const bar = this.bars.get(token);
    if (news.kind === 'begin') {
      this.bars.set(
        token,
        new Bar(news, () => {
          this.cancel(token);
        }),
      );
      return true;
    }
    if (!bar) return false;
    if (news.kind === 'report') bar.report(news);
    else {
      bar.end();
      this.bars.delete(token);
    }
    return true;
  }

  /** Take all away: the server is gone. */
  end(): void {
    for (const bar of this.bars.values()) bar.end();
    this.bars.clear();
  }
}

class Bar {
  private shown: vscode.Progress<{ message?: string; increment?: number }> | undefined;
  private readonly cancellable: boolean;
  private told = 0;
  end: () => void = () => undefined;

  constructor(begin: WorkDoneProgressBegin, cancelled: () => void) {
    const over = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    this.cancellable = begin.cancellable ?? false;
    const { Notification, Window } = vscode.ProgressLocation;
    const options = {
      location: this.cancellable ? Notification : Window,
      cancellable: this.cancellable,
      title: begin.title,
    };
    void vscode.window.withProgress(options, (progress, token) => {
      this.shown = progress;
      token.onCancellationRequested(cancelled);
      this.report({ ...begin, kind: 'report' });
      return over;
    });
  }

  report(news: WorkDoneProgressReport): void {
    const part = Math.min(news.percentage ?? 0, 100);
    const increment = Math.max(0, part - this.told);
    this.told += increment;
    // only a notification draws a bar
    const share = this.cancellable ? undefined : `${Math.round(part)} %`;
    const said = [news.message, share].filter((each) => each !== undefined).join(' · ');
    this.shown?.report({ ...(said ? { message: said } : {}), increment });
  }
}
