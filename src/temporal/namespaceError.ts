import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';

/** The SDK's own error if the server has no such namespace, which its bare services report by number. */
export function asNamespaceError(error: unknown, namespace: string): unknown {
  return isGrpcServiceError(error) && error.code === status.NOT_FOUND
    ? new NamespaceNotFoundError(namespace)
    : error;
}
