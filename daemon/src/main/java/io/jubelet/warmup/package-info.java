/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Runs the code of a pod's first start before a pod needs it, with a pod that exists nowhere else. Imported by {@code boot}.
 */
@NullMarked
package io.jubelet.warmup;

import org.jspecify.annotations.NullMarked;
