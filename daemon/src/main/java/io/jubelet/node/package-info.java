/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Facts about this node, and calls of Linux that the JDK lacks: mounts, safe directories, the service manager. Nothing here
 * knows about pods; many rooms import it.
 */
@NullMarked
package io.jubelet.node;

import org.jspecify.annotations.NullMarked;
