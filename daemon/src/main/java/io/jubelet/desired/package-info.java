/**
 * The manifest directory in, immutable snapshots of desired pods out: watching, ownership of names, last good content.
 *
 * <p>{@link io.jubelet.desired.ManifestDirectory} runs on one virtual thread beside the JDK's file watcher; a second one writes
 * last good content to disk. Knows nothing of the runtime.
 */
package io.jubelet.desired;
