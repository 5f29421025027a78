/** The shell of the live page. */
import type { WorkbookModel } from '../model.ts';
import type { WorkbookState } from '../state.ts';
import { html, type SafeHtml } from './html.ts';
import { renderLayout } from './layout.ts';

/**
 * @param key tells one workbook's kept state from another's
 * @param state what the page starts from
 * @param fixed the state of an earlier visit is left aside
 */
export function renderDocument(
  model: WorkbookModel,
  name: string,
  key: string,
  state: WorkbookState,
  fixed: boolean,
): SafeHtml {
  return html`<!doctype html>
<html lang="en" data-state="loading">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<link rel="stylesheet" href="/assets/preview.css">
<link rel="icon" href="data:,">
<script type="module" src="/assets/preview.mjs"></script>
</head>
<body data-workbook="${key}" data-state="${JSON.stringify(state)}" ${fixed ? 'data-fixed' : ''}>
<header class="top"><h1>${name}</h1><span class="source" id="source"></span><span class="spinner" aria-hidden="true"></span><button type="button" class="tool" id="reset">Reset</button><button type="button" class="tool" id="theme" aria-pressed="false">Dark</button></header>
<div id="announcement" role="status"></div>
<main id="workbook">${renderLayout(model)}</main>
<dialog id="details" aria-label="Details"><pre tabindex="0"></pre><button type="button" class="secondary" data-close>Close</button></dialog>
</body>
</html>`;
}
