/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The benchmark behind {@code make bench}, a black-box measurement of the daemon.
 *
 * <p>It starts the daemon, and the reference kubelet if one is given, as processes, writes manifests as a user would, and
 * reads from the runtime which containers were started and when. The floor is the same work done by direct calls to the
 * runtime in the same run. The package uses no class of the daemon's main sources; {@code make test} runs only its unit
 * tests.
 */
package io.jubelet.bench;
