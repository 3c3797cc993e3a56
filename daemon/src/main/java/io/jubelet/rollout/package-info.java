/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * From a file to a pod that runs: what a file would change, how it is installed, and how far its pods are.
 *
 * <p>A file and the answers of the local API come in; changes and lines of progress go out. Commands import it; the daemon loads
 * the endpoint that answers them alone.
 */
@NullMarked
package io.jubelet.rollout;

import org.jspecify.annotations.NullMarked;
