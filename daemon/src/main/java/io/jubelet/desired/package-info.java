/**
 * What is wanted: manifests in, immutable snapshots of desired pods out.
 *
 * <p>Runs on one thread of its own beside the JDK's file watcher. Knows nothing of the runtime.
 */
package io.jubelet.desired;
