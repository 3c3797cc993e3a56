/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Checks of manifests before they are in the manifest directory: reports of what {@code desired} finds in files.
 *
 * <p>Findings come in; text, JSON and SARIF go out. The commands import it; the daemon loads none of it.
 */
@NullMarked
package io.jubelet.validation;

import org.jspecify.annotations.NullMarked;
