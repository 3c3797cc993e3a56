/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The HTTP servers of the daemon: the local API on a Unix socket, the kubelet's port for other machines, and the health
 * port. All are read-only.
 *
 * <p>Statuses, manifests and events come in from the {@code StatusStore}; JSON and logs go out. Each server has one Netty
 * thread for its I/O, and serves each request on a virtual thread. {@code LocalClient} is the client of the local API, used
 * by the command line. Only {@code authorization}, {@code boot} and {@code cli} import this room.
 */
@NullMarked
package io.jubelet.api;

import org.jspecify.annotations.NullMarked;
