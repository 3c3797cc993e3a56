/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The manifest directory comes in, immutable snapshots of the desired pods go out: watching, ownership of names, last good
 * content.
 *
 * <p>{@link io.jubelet.desired.ManifestDirectory} runs on one virtual thread beside the file watcher of the JDK; a second
 * thread writes last good content to the disk. This room does not know the runtime.
 */
@NullMarked
package io.jubelet.desired;

import org.jspecify.annotations.NullMarked;
