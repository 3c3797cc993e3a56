/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The node in a cluster: the Node and its lease, mirror pods, and events.
 *
 * <p>Reports of the node, of pods and of events come in; objects of the API server go out. Pods start and
 * run the same whatever happens here. Each concern has a loop of its own, so that an API server that
 * rejects one thing does not delay another. No class of it is loaded without a kubeconfig. Imported by
 * {@code boot}.
 */
@NullMarked
package io.jubelet.cluster;

import org.jspecify.annotations.NullMarked;
