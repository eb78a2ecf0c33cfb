/** Temporal's Web UI, driven as an operator uses it. Without vitest: the script that takes the pictures uses it too. */
import type { Locator, Page } from 'playwright-core';
import { hourStartMs, type Hour } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';

/** Against hanging; a busy machine is allowed to be slow. */
const PATIENCE_MS = 90_000;
const REFRESH_PAUSE_MS = 300;

/** What to type into the form. */
export interface FormEntry {
  readonly workflow: string;
  readonly workflowId: string;
  /** JSON; left empty without it. */
  readonly input?: string;
}

/** The pages of one namespace. */
export class WebUi {
  readonly #page: Page;
  readonly #url: string;

  /** @param url of the Web UI, without a slash at its end */
  constructor(page: Page, url: string, namespace: string) {
    this.#page = page;
    this.#url = `${url}/namespaces/${namespace}`;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Fills the form "Start Workflow" and leaves it unsent. */
  async fillStartForm({ workflow, workflowId, input }: FormEntry): Promise<void> {
    const page = this.#page;
    await page.goto(`${this.#url}/workflows/start-workflow`);
    await page.getByLabel('Workflow ID').fill(workflowId);
    await page.getByLabel('Task Queue').fill(TASK_QUEUE);
    await page.getByLabel('Workflow Type').fill(workflow);
    if (input !== undefined) {
      await page.locator('.cm-content').first().click();
      await page.keyboard.insertText(input);
      // The editor sets the text in lines when it is left, and that moves the button away from under the mouse.
      await page.getByRole('heading', { name: 'Start Workflow' }).click();
    }
    await page.getByText('Task Queue is Active').waitFor();
  }

  /** Sends the form and follows the note to the run's page. */
  async start(entry: FormEntry): Promise<void> {
    await this.fillStartForm(entry);
    await this.#page.getByRole('button', { name: 'Start Workflow' }).click();
    await this.#page.getByRole('link', { name: 'Workflow started successfully' }).click();
    await this.#page.getByTestId('workflow-id-heading').filter({ hasText: entry.workflowId }).waitFor();
  }

  /** Opens the page of a run. */
  async openRun(workflowId: string, tab?: 'user-metadata'): Promise<void> {
    await this.#page.goto(`${this.#url}/workflows/${encodeURIComponent(workflowId)}`);
    await this.#page.getByTestId('workflow-id-heading').filter({ hasText: workflowId }).waitFor();
    if (tab !== undefined) await this.#page.getByTestId(`${tab}-tab`).click();
  }

  /** Watches the page of a run or a schedule until it says so. */
  async waitForStatus(status: 'Completed' | 'Failed' | 'Running' | 'Paused'): Promise<void> {
    await this.#page.getByTestId('execution-status').first().filter({ hasText: status }).waitFor();
  }

  /** Refreshes the current details of the run whose page is open until they say so; the page shows those of its first look. */
  async waitForDetails(text: string): Promise<void> {
    await this.#page.getByTestId('user-metadata-tab').click();
    // Rendered from Markdown in a frame of its own.
    const details = this.#page.frameLocator('#user-metadata-current-details').locator('body');
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const shown = await details.innerText();
      if (shown.includes(text)) return;
      if (performance.now() > endMs) {
        throw new Error(`Wait for current details: found ${JSON.stringify(shown)}, expected ${JSON.stringify(text)}`);
      }
      await this.#page.keyboard.press('r');
      await this.#page.waitForTimeout(REFRESH_PAUSE_MS);
    }
  }

  /** The result of the run whose page is open: JSON of a value or of a failure. */
  result(): Locator {
    return this.#page.locator('.cm-content').last();
  }

  /** Waits until the list's heading says that the query finds so many runs: it shows 0 before it knows. */
  async waitForRuns(query: string, runs: number): Promise<void> {
    await this.#page.goto(`${this.#url}/workflows?query=${encodeURIComponent(query)}`);
    const number = new RegExp(`^\\s*${runs.toLocaleString('en')}\\s*$`);
    await this.#page.getByTestId('workflow-count').filter({ hasText: number }).waitFor();
  }

  /** Opens the page of a schedule. */
  async openSchedule(scheduleId: string): Promise<void> {
    await this.#page.goto(`${this.#url}/schedules/${scheduleId}`);
    await this.#page.getByTestId('schedule-name').filter({ hasText: scheduleId }).waitFor();
  }

  /** Pauses the schedule whose page is open. */
  async pauseSchedule(reason: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Pause', exact: true }).click();
    await this.#page.locator('#modal-content-pause-schedule-modal').getByRole('textbox').fill(reason);
    await this.confirm('pause-schedule');
  }

  /** Takes an action of the menu beside "Pause". */
  async openScheduleAction(action: 'Trigger' | 'Backfill'): Promise<void> {
    await this.#page.locator('#schedule-actions-menu-button').click();
    await this.#page.getByRole('menuitem', { name: action }).click();
  }

  /** Fills the open dialog "Schedule Backfill" with times, which are UTC in it. */
  async fillBackfillDialog(from: { hour: Hour; minute: number }, to: { hour: Hour; minute: number }): Promise<void> {
    for (const [name, time] of [
      ['start', from],
      ['end', to],
    ] as const) {
      const [year, month, day, hour] = new Date(hourStartMs(time.hour)).toISOString().split(/[-T:]/);
      const field = (part: string): Locator => this.#page.getByTestId(`backfill-${name}-${part}`);
      await field('date').fill(`${month}/${day}/${year}`);
      await field('hour').fill(hour ?? '');
      await field('minute').fill(String(time.minute));
      await field('second').fill('0');
    }
  }

  /** Sends the dialog of a schedule's action. */
  async confirm(dialog: 'backfill-schedule' | 'trigger-schedule' | 'pause-schedule'): Promise<void> {
    const form = this.#page.locator('form').filter({ has: this.#page.locator(`#modal-content-${dialog}-modal`) });
    await form.getByTestId('confirm-modal-button').click();
    await form.waitFor({ state: 'hidden' });
  }
}
