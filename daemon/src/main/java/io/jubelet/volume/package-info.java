/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Volumes: a pod, one of its containers and the pod's directory in, the sources of the container's
 * mounts out. One class for each kind of volume.
 *
 * <p>Runs on the pod's worker, blocks, and leaves nothing behind outside of the pod's directory.
 * Does not call the runtime, and never trusts what a container may have put into a volume: paths in
 * one are walked by descriptor, without following symbolic links. Imported by {@code podfiles},
 * {@code runtime} and {@code boot}.
 */
@NullMarked
package io.jubelet.volume;

import org.jspecify.annotations.NullMarked;
