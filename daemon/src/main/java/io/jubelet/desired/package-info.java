/**
 * What is wanted: manifests in, immutable snapshots of desired pods out.
 *
 * <p>{@link io.jubelet.desired.ManifestDirectory} runs on one virtual thread beside the JDK's file watcher; a second one
 * writes last good content to disk. {@link io.jubelet.desired.ManifestFile} reads one file without any of that. Knows
 * nothing of the runtime.
 */
package io.jubelet.desired;
