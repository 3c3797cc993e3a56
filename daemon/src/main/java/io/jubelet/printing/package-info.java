/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What commands print: answers of the daemon as tables, descriptions, JSON and YAML, and text of containers that is safe for a
 * terminal.
 *
 * <p>JSON and an instant come in, text goes out. The only I/O is the stream that is printed to. Only {@code cli} imports this
 * room.
 */
@NullMarked
package io.jubelet.printing;

import org.jspecify.annotations.NullMarked;
