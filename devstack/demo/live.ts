/** The demo feed of a running stack: published on the clock into its bucket. */
import { join } from 'node:path';
import type { Hour } from '../../domain/hour.ts';
import type { ProgressView } from '../progress.ts';
import { createS3Client, type S3Access } from '../s3-client.ts';
import type { RunningStack, Settings } from '../stack.ts';
import { chooseDemo, type DemoWish } from './choice.ts';
import { Manifest } from './manifest.ts';
import { grouped } from '../../domain/digits.ts';
import { Publisher, type PublishListener } from './publisher.ts';

/** The demo feed of a stack. */
export interface Demo {
  readonly from: Hour;
  /** Publishes what is due by now. */
  publishPast(signal: AbortSignal): Promise<void>;
  /** Publishes what comes due, until the signal. */
  publishOn(signal: AbortSignal): Promise<void>;
  publishedObjects(): number;
  close(): void;
}

/**
 * Opens the demo feed of the stack's own bucket.
 * @throws {InputError} when the wish differs from what the stack holds
 */
export function openDemo(stack: RunningStack, wish: DemoWish, view: ProgressView, now: () => number = Date.now): Demo {
  const { from, ...feed } = chooseDemo(stack.dir, stack.state, wish, now());
  const client = createS3Client(readS3Access(stack.settings));
  const manifest = new Manifest(manifestFile(stack.dir));
  const bucket = stack.settings['S3_BUCKET'] ?? '';
  const publisher = new Publisher({ feed, from, client, bucket, prefix: '', manifest, now });
  const listen: PublishListener = (hour, objects) => {
    view.line(`Published ${hour}: ${objects.map(({ table, lines }) => `${table} ${grouped(lines)} lines`).join(', ')}`);
  };
  return {
    from,
    async publishPast(signal) {
      view.line(`Publishing what is due of the demo feed, which begins at ${from}`);
      const objects = await publisher.publishDue(undefined, signal);
      view.line(objects === 0 ? 'Published before, nothing new' : `Published ${grouped(objects)} objects`);
    },
    publishOn: (signal) =>
      publisher.run(
        listen,
        (error) => {
          view.line(error instanceof Error ? error.message : String(error));
        },
        signal,
      ),
    publishedObjects: () => manifest.entries.size,
    close: () => {
      client.destroy();
    },
  };
}

/** Where a stack's manifest lies. */
export function manifestFile(dir: string): string {
  return join(dir, 'demo', 'manifest.jsonl');
}

function readS3Access(settings: Settings): S3Access {
  return {
    endpoint: settings['S3_ENDPOINT'] ?? '',
    region: settings['S3_REGION'] ?? '',
    accessKeyId: settings['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: settings['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
}
