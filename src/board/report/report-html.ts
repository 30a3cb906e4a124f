// The report as one HTML file: the board's page with a run's data in it. It asks nobody for anything, and runs no script
// but its own.
import { createHash } from 'node:crypto';
import { type PageFiles, pageHtml } from '../page-files.ts';
import { dataElement, type ReportData } from './report-data.ts';

export function reportHtml(data: ReportData, { script, style }: PageFiles): string {
  const policy = [
    ...["default-src 'none'", `script-src ${hashOf(script)}`, `style-src ${hashOf(style)}`, 'img-src data:'],
    ...["base-uri 'none'", "form-action 'none'"],
  ].join('; ');
  return pageHtml(
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<style>${style}</style>`,
    `${dataElement(data)}\n<script type="module">${script}</script>`,
  );
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
