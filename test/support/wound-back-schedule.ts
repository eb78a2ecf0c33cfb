/**
 * An outage of days, without waiting for it: a schedule of a Temporal that is down is made to believe that it was last looked at
 * long ago. Temporal keeps no clock of its own that could be put back, and a program in Go takes the kernel's directly.
 *
 * Its dev server holds a schedule as a workflow, whose input says up to when due times were acted on. After a real outage that
 * workflow goes on from there; here the input is changed in the database, and the workflow begins anew with it.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
const { ScheduleInfo } = proto.temporal.api.schedule.v1;
const { Timestamp } = proto.google.protobuf;

/** Node had no SQLite before version 22; Python is there, as the embedded servers come with it. */
const READ = `import sqlite3, sys
row = sqlite3.connect(sys.argv[1]).execute(
  'SELECT hex(data) FROM history_node WHERE node_id = 1 AND instr(data, CAST(? AS BLOB)) > 0', sys.argv[2:3]).fetchall()
print(row[0][0] if len(row) == 1 else '')`;
const WRITE = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('UPDATE history_node SET data = ? WHERE node_id = 1 AND instr(data, CAST(? AS BLOB)) > 0',
  (bytes.fromhex(sys.argv[3]), sys.argv[2]))
db.commit()`;

/** Event of the schedule's workflow at which it begins anew: its first task, behind start and scheduling. */
const FIRST_TASK_EVENT_ID = 3;

function schedulerId(scheduleId: string): string {
  return `temporal-sys-scheduler:${scheduleId}`;
}

/**
 * Changes the database of a Temporal that is down.
 * @param dir the server's folder
 * @param processedMs up to when due times count as acted on, milliseconds since 1970
 */
export async function windBack(dir: string, scheduleId: string, processedMs: number): Promise<void> {
  const file = join(dir, 'temporal.db');
  const id = schedulerId(scheduleId);
  const { stdout } = await promisify(execFile)('python3', ['-c', READ, file, id]);
  const history = History.decode(Buffer.from(stdout.trim(), 'hex'));
  const payload = history.events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (!payload?.data) throw new Error(`Wind back ${scheduleId}: found no input of its workflow in ${file}`);
  const processed = Timestamp.encode({ seconds: Math.floor(processedMs / 1000) as never }).finish();
  const info = ScheduleInfo.encode({ createTime: { seconds: Math.floor(processedMs / 1000) as never } }).finish();
  // StartScheduleArgs: its field 2 is the schedule's info, 4 the state, whose field 3 is the time. A message that stands twice in protobuf is merged.
  payload.data = Buffer.concat([payload.data, message(2, info), message(4, message(3, processed))]);
  await promisify(execFile)('python3', [
    '-c',
    WRITE,
    file,
    id,
    Buffer.from(History.encode(history).finish()).toString('hex'),
  ]);
}

/** Lets the schedule's workflow begin anew with what {@link windBack} wrote, once the server is up. */
export async function beginAnew(client: Client, scheduleId: string): Promise<void> {
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: schedulerId(scheduleId) },
    workflowTaskFinishEventId: FIRST_TASK_EVENT_ID as never,
    reason: 'an outage',
    requestId: scheduleId,
  });
}

/** A field of protobuf that holds a message shorter than 128 bytes. */
function message(field: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([(field << 3) | 2, bytes.length, ...bytes]);
}
