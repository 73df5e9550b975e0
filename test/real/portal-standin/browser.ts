import { chromium, type Browser, type Page } from 'playwright';

/** The browser that the environment names, else Debian's. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['EHR_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
}

export async function signIn(page: Page, url: string, password = 'demo-Passw0rd!'): Promise<void> {
  await page.goto(`${url}/app`);
  await page.getByLabel('User name').fill('reports.bot');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

export async function openReports(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Billing' }).click();
  await page.getByRole('tab', { name: 'Reports' }).click();
  await page.getByRole('button', { name: 'Run Report' }).waitFor();
}

export interface Question {
  readonly reportTitle: string;
  /** `MMDDYYYY`, as a person types them. */
  readonly start: string;
  readonly end: string;
}

export async function runReport(page: Page, question: Question): Promise<void> {
  await pressRunReport(page, question);
  await page.getByText(/^\d+ records found$/).waitFor();
}

export async function pressRunReport(page: Page, { reportTitle, start, end }: Question): Promise<void> {
  await page.getByRole('combobox', { name: 'Report' }).click();
  await page.getByRole('option', { name: reportTitle, exact: true }).click();
  await page.getByLabel('Start Date').filter({ visible: true }).fill(start);
  await page.getByLabel('End Date').filter({ visible: true }).fill(end);
  await page.getByRole('button', { name: 'Run Report' }).click();
}
