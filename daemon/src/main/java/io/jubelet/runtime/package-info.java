/**
 * Doing: pod actions in, CRI calls and files out.
 *
 * <p>Executes what {@code reconcile} decided and decides nothing itself. Every action is idempotent.
 */
package io.jubelet.runtime;
