/**
 * The benchmark behind {@code make bench}: a black box around the daemon.
 *
 * <p>It starts the daemon, and the reference kubelet if there is one, as processes, hands them manifests as a user
 * would, and reads from the runtime itself what became of them and when. The floor is the same work done by direct calls
 * to the runtime in the same run. Nothing here knows the daemon from inside, and none of it runs with the tests but
 * those of its arithmetic and of its table.
 */
package io.jubelet.bench;
