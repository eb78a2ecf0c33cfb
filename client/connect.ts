/** Connects to Temporal. */
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { AccessError, UnavailableError } from '../domain/errors.ts';
import type { TemporalConfig } from '../config/config.ts';
import { createFeedClient, type FeedClient } from './feed-client.ts';
import { createOperationsClient, type OperationsClient } from './operations-client.ts';
import { createSchedulesClient, type SchedulesClient } from './schedules-client.ts';

/** A connected client; close it at the end. */
export interface FeedConnection {
  readonly feed: FeedClient;
  readonly operations: OperationsClient;
  readonly schedules: SchedulesClient;
  /** The bare client, for what the facade does not cover. */
  readonly client: Client;
  close(): Promise<void>;
}

/** gRPC's numbers of UNAUTHENTICATED and PERMISSION_DENIED. */
const ACCESS_CODES = [16, 7];

/**
 * Connects.
 * @throws {AccessError} when Temporal refuses the credentials
 * @throws {UnavailableError} when it cannot be reached
 */
export async function connectFeedClient(config: TemporalConfig): Promise<FeedConnection> {
  const { address, namespace } = config;
  try {
    const connection = await Connection.connect(config.connection);
    const client = new Client({ connection, namespace });
    return {
      client,
      feed: createFeedClient(client),
      operations: createOperationsClient(client),
      schedules: createSchedulesClient(client.schedule),
      close: () => connection.close(),
    };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    if (isGrpcServiceError(error) && ACCESS_CODES.includes(error.code)) {
      throw new AccessError(`Cannot enter Temporal at ${address}: found ${found}, expected valid TLS or API key`);
    }
    throw new UnavailableError(
      `Cannot connect to Temporal at ${address}: found ${found}, expected a server; check TEMPORAL_ADDRESS`,
    );
  }
}
