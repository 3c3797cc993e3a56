/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What a pod may do, and as which user: a pod and the configuration of a pod that requires nothing
 * in, the configuration with everything that the pod requires, or the reason why this node cannot
 * provide it, out.
 *
 * <p>Runs on the pod's worker, and blocks only for pods that need a call to the runtime or a file.
 * Never weakens what a pod requires: what cannot be enforced is rejected. Imported by
 * {@code runtime} and {@code boot}.
 */
@NullMarked
package io.jubelet.confinement;

import org.jspecify.annotations.NullMarked;
