/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The status of pods: views of the workers and refused manifests come in, v1 statuses and explanations go out.
 *
 * <p>Workers publish to the {@code StatusStore}, which only stores; everything else is pure and runs on the thread of the
 * reader. Nothing here acts on pods, and no room that decides about pods imports it.
 */
@NullMarked
package io.jubelet.status;

import org.jspecify.annotations.NullMarked;
