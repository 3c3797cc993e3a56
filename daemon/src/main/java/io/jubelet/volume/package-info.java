/**
 * What a container mounts: makes volumes ready below the pod's own directory, one class for each kind of volume.
 *
 * <p>Comes in: a pod, one of its containers, and the directory that is the pod's. Goes out: for each volume the container
 * mounts, where it is. Runs on the pod's worker, blocking, and leaves nothing behind but what is below the pod's
 * directory. Does not talk to the runtime, and never trusts what a container may have put into a volume: paths below one
 * are walked by descriptor, without following symbolic links.
 */
package io.jubelet.volume;
