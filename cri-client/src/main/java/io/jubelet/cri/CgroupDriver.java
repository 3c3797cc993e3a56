/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The component that manages cgroups. */
public enum CgroupDriver {
    /** systemd manages them. */
    SYSTEMD,
    /** The runtime manages them itself. */
    CGROUPFS
}
