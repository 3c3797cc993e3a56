/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Executes actions: a {@code PodAction} in, calls to the runtime and files on disk out.
 *
 * <p>Each action is idempotent: what is done already counts as done. Actions run on the threads of
 * the pods' workers, and nothing here decides what should be done. Imported by {@code boot}.
 */
@NullMarked
package io.jubelet.runtime;

import org.jspecify.annotations.NullMarked;
