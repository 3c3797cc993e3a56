/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The way into containers: exec, attach, port-forward and run, as the kubelet serves them.
 *
 * <p>Requests that the servers of {@code api} have authorized come in. The room finds the container, prepares the stream at
 * the runtime, connects to the streaming server of the runtime and relays bytes between the two connections. Nothing is kept
 * but what one side has not read yet. The I/O runs on the thread of the server that accepted the request. No class of this
 * room is loaded before the first such request.
 */
@NullMarked
package io.jubelet.streaming;

import org.jspecify.annotations.NullMarked;
