import { status } from '@grpc/grpc-js';
import { Client, type Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { temporalConnection } from '../config.ts';
import { thisUser } from '../wiring/thisUser.ts';
import type { PipelineError } from '../domain/failures.ts';
import { refused, TemporalUnusable } from './commandErrors.ts';
import { connectionTo } from '../temporal/connection.ts';

/** Opens a Temporal connection for one command. @throws TemporalUnusable. */
export async function withTemporal<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const { connectionOptions, namespace } = temporalConnection();
  const place = `Temporal at ${connectionOptions.address ?? ''}, namespace ${namespace},`;
  // Lazy, so that there is something to close even if no connection is made.
  const connection = connectionTo(connectionOptions);
  try {
    await connected(connection, place);
    return await work(new Client({ connection, namespace, identity: thisUser().name }));
  } catch (error) {
    throw unusable(error, place) ?? notTaken(error) ?? error;
  } finally {
    await connection.close();
  }
}

async function connected(connection: Connection, place: string): Promise<void> {
  try {
    await connection.ensureConnected();
  } catch (error) {
    // Whatever failed here, there is no server to talk to.
    throw unusable(error, place) ?? notReached(place, error);
  }
}

const notLetIn: ReadonlySet<status> = new Set([status.PERMISSION_DENIED, status.UNAUTHENTICATED]);
const notAnswered: ReadonlySet<status> = new Set([status.DEADLINE_EXCEEDED, status.UNAVAILABLE]);

function unusable(error: unknown, place: string): TemporalUnusable | undefined {
  if (error instanceof NamespaceNotFoundError) {
    return new TemporalUnusable(`${place} is not there: the server has no such namespace`, {
      hint: 'Check TEMPORAL_NAMESPACE, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE.',
      cause: error,
    });
  }
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return undefined;
  if (notLetIn.has(cause.code)) {
    return new TemporalUnusable(`${place} does not let this user in`, {
      hint: 'Check TEMPORAL_API_KEY or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.',
      cause: error,
    });
  }
  return notAnswered.has(cause.code) ? notReached(place, error) : undefined;
}

/** The refusal of an id or a reason that the server does not take, such as one that is blank or too long. */
function notTaken(error: unknown): PipelineError | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause) || cause.code !== status.INVALID_ARGUMENT) return undefined;
  return refused(`Temporal does not take this call: ${cause.details}`, 'Check its id and options.', error);
}

function notReached(place: string, cause: unknown): TemporalUnusable {
  return new TemporalUnusable(`${place} cannot be reached`, {
    hint: 'Check TEMPORAL_ADDRESS and that the server is up. Runs continue without this command; follow one again with: npm run client -- watch <id>',
    cause,
  });
}
