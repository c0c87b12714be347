// Work of the server that the user can cancel: a notification with a button.

import * as vscode from 'vscode';
import type {
  ProgressToken,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from 'vscode-languageclient/node';

type News = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

/** Those bars that the language client would show without a button. */
export class ProgressBars {
  /** Called with the token of the work that is not wanted any more. */
  cancel: (token: ProgressToken) => void = () => undefined;
  private readonly bars = new Map<ProgressToken, Bar>();

  /** Take the news of some work; false: it cannot be cancelled, and is not ours. */
  take(token: ProgressToken, news: News): boolean {
    const bar = this.bars.get(token);
    if (news.kind === 'begin') {
      if (!news.cancellable) return false;
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
  private told = 0;
  end: () => void = () => undefined;

  constructor(begin: WorkDoneProgressBegin, cancelled: () => void) {
    const over = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    const options = {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
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
    const message = news.message === undefined ? {} : { message: news.message };
    this.shown?.report({ ...message, increment });
  }
}
