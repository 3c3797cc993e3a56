/**
 * Asks containers for their health. In come the views of workers, told by {@link io.jubelet.probe.PodProbes#watch}; out
 * go what the probes said last and a call that wakes the worker of a pod when that has changed.
 *
 * <p>One loop, {@code probes}, knows when each probe is due; every attempt runs on a short virtual thread of its own, so
 * that a slow one holds up nothing but itself. Without a pod that has probes there is no loop, and of this package only
 * {@code PodProbes} is loaded. The HTTP client is used by the hooks of containers as well. It never decides what becomes
 * of a container.
 */
package io.jubelet.probe;
