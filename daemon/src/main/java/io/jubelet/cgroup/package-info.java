/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Cgroups of pods: pods, by their UID and resources, in; directories of the kernel's cgroup file
 * systems or slices of systemd, and the parent cgroup for the runtime, out. The layout is the
 * kubelet's.
 *
 * <p>Runs on workers and blocks for some small files or one message. Changes only the cgroups above
 * pods and those of pods whose UID it is given; never calls the runtime. Imported by
 * {@code criconfig} for its arithmetic, by {@code runtime} and by {@code boot}.
 */
@NullMarked
package io.jubelet.cgroup;

import org.jspecify.annotations.NullMarked;
