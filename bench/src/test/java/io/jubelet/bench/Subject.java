/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.Locale;

/** The system whose work is measured. */
enum Subject {
    /** The benchmark itself, by direct calls to the runtime. */
    FLOOR,
    /** The daemon of this project. */
    JUBELET,
    /** The reference kubelet. */
    KUBELET;

    /** The name in the table and in the file of results. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
