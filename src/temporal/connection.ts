import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

/** Connects to Temporal. Calls after `close` are rejected. */
export function connectTo(options: ConnectionOptions): Promise<Connection> {
  return Connection.connect({ ...options, interceptors });
}

/** Connects to Temporal on first use: there is something to close even if no connection is made. */
export function connectionTo(options: ConnectionOptions): Connection {
  return Connection.lazy({ ...options, interceptors });
}

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;
type Start = Call['start'];

/**
 * A call that is under way when its connection closes fails in a way that the SDK retries, from a timer: the
 * closed channel then throws where nobody can catch it, which ends the process, and the caller waits for ever.
 * Here such a call ends as cancelled, which is not retried.
 */
const endOnClosedChannel: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as Call;
  } catch (error) {
    // gRPC gives this error no code.
    if (error instanceof Error && error.message === 'Channel has been shut down') return endedCall() as Call;
    throw error;
  }
};

/** The interceptors, outermost first. */
const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endOnClosedChannel];

type Status = Parameters<NonNullable<NonNullable<Parameters<Start>[1]>['onReceiveStatus']>>[0];
/** `CANCELLED` of `google.rpc.Code`; the enum is of a package that comes with the SDK. */
const cancelled: unknown = 1;

function endedCall(): ReturnType<Parameters<Interceptor>[1]> {
  return {
    start: startToEnd,
    cancelWithStatus: nothing,
    getPeer: () => 'closed',
    getAuthContext: () => null,
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
  };
}

const startToEnd: Start = (sent, listener) => {
  const metadata = sent.clone();
  // What was sent may hold an API key, and this becomes part of an error.
  for (const key of Object.keys(metadata.getMap())) metadata.remove(key);
  process.nextTick(() => {
    // The SDK waits for both.
    listener?.onReceiveMessage?.(undefined);
    const details = 'the connection to Temporal was closed';
    listener?.onReceiveStatus?.({ code: cancelled as Status['code'], details, metadata });
  });
};

function nothing(): void {}
