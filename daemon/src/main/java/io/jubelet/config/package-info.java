/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The configuration of the daemon. Flags and a KubeletConfiguration come in; a {@code DaemonConfig} of plain values goes out,
 * with everything that is wrong, or has no effect.
 *
 * <p>Each flag and field is a row of {@code SettingTable}: from its rows the command line, the configuration file, the help and
 * the pages in docs/reference are made. Used once at start. Packages that follow the configuration may import it.
 */
@NullMarked
package io.jubelet.config;

import org.jspecify.annotations.NullMarked;
