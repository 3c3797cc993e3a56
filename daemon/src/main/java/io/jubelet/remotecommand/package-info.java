/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Streams between the command line and a container: the WebSocket channels of the local API for commands, attaching and
 * forwarded ports, and the terminal of the user.
 *
 * <p>The name of a pod and streams come in, bytes and the exit code go out. All calls block, and nothing is read before it is
 * wanted, so a slow reader slows the container down and no memory fills. No daemon loads these classes. Only {@code cli}
 * imports this room.
 */
@NullMarked
package io.jubelet.remotecommand;

import org.jspecify.annotations.NullMarked;
