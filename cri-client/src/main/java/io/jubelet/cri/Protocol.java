/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The transport protocol of a port. */
public enum Protocol {
    TCP,
    UDP,
    SCTP
}
