// node scripts/test/closing-line.mjs <report>: "N passed, N failed" from vitest's JSON report, as the last line of CI.
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2] ?? '', 'utf8');
if (text === '') {
  console.log('Vitest wrote no report: it did not get as far as running tests.');
  process.exit(1);
}

const report = JSON.parse(text);
// A file that cannot be loaded has no test that failed, and must not count as nothing.
const brokenFiles = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
);
const skipped = report.numPendingTests + report.numTodoTests;
console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests + brokenFiles.length} failed` +
    (skipped > 0 ? `, ${skipped} skipped` : ''),
);
