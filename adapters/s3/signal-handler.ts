/**
 * Gives requests their signal where they are put on the wire. As an option of `send` it would keep the SDK from using a stack of
 * middleware twice, and building one costs a third of a request.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const signals = new AsyncLocalStorage<AbortSignal>();

/** Runs a request, and all its tries, under a signal. */
export function underSignal<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  return signals.run(signal, request);
}

/** Takes the signal of {@link underSignal}. */
export class SignalHandler extends NodeHttpHandler {
  override handle(
    request: Parameters<NodeHttpHandler['handle']>[0],
    options?: Parameters<NodeHttpHandler['handle']>[1],
  ): ReturnType<NodeHttpHandler['handle']> {
    const abortSignal = signals.getStore();
    return super.handle(request, abortSignal === undefined ? options : { ...options, abortSignal });
  }
}
