/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Tar archives, in which files pass between this machine and a container: reading, writing, and what may become of an archive
 * from a container on this machine.
 *
 * <p>A stream comes in, files go out, and the other way round. What comes from a container is hostile: nothing is written
 * outside the chosen destination. No daemon loads these classes. Only {@code cli} imports this room.
 */
@NullMarked
package io.jubelet.archive;

import org.jspecify.annotations.NullMarked;
