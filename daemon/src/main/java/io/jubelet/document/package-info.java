/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * YAML or JSON in, a tree of nodes with lines and columns and all findings out; also tables of
 * known fields, typed readers of fields, durations, and the words for file errors.
 *
 * <p>This package knows no pods and imports no other package of Jubelet; every package may import
 * it that reads or writes structured text.
 */
@NullMarked
package io.jubelet.document;

import org.jspecify.annotations.NullMarked;
