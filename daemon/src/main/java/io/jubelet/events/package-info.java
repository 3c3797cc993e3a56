/**
 * What happened to pods, in the kubelet's words: a bounded memory of the last events.
 *
 * <p>In comes what workers, executors and probes tell, on their threads; out go snapshots for whoever reads. It never
 * blocks for long, decides nothing, and is empty after a restart.
 */
package io.jubelet.events;
