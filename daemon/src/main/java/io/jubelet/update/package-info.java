/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What an edit of a manifest does to a pod that runs. Pure.
 *
 * <p>Two versions of a pod come in; the effect of the change comes out. Commands that tell a user about an edit import it.
 */
@NullMarked
package io.jubelet.update;

import org.jspecify.annotations.NullMarked;
