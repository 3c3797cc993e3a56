/**
 * Cgroups of pods, below a hierarchy laid out as the kubelet's.
 *
 * <p>Comes in: pods, by their UID and resources. Goes out: directories of the kernel's cgroup file systems or slices of
 * systemd, and the name that the runtime is told. Runs on workers, blocking for some small files or one message. Touches no
 * cgroup but those that lead to pods and those of pods whose UID it is given; never talks to the runtime.
 */
package io.jubelet.cgroup;
