/**
 * Decides which pods fit on this node: ports, resources, the number of pods, labels.
 *
 * <p>In come the pods that are wanted and those that run; out goes a rejection, or none. Safe for use by many threads.
 */
package io.jubelet.admission;
