/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.pod.Quantity;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Finds quantities that are valid and probably not meant, such as {@code memory: 128m}. */
final class QuantitySlips {

    /** No process runs in less than a page, and no file system has a smaller block by default. */
    private static final BigDecimal LEAST_BYTES = BigDecimal.valueOf(4096);

    /** Linux supports at most 8192 processors on x86-64. */
    private static final BigDecimal MOST_CORES = BigDecimal.valueOf(8192);

    private QuantitySlips() {}

    /** A warning about an amount of memory or disk space; null for none. */
    static @Nullable String ofBytes(Quantity quantity) {
        BigDecimal bytes = quantity.number();
        if (bytes.signum() <= 0 || bytes.compareTo(LEAST_BYTES) >= 0) {
            return null;
        }
        String unit = bytes.compareTo(BigDecimal.ONE) <= 0 ? " byte" : " bytes";
        return "is " + bytes.stripTrailingZeros().toPlainString() + unit + likely(quantity.text(), "m", "Mi");
    }

    /** A warning about a number of processors; null for none. */
    static @Nullable String ofCores(Quantity quantity) {
        if (quantity.number().compareTo(MOST_CORES) <= 0 && !isPlainThousand(quantity)) {
            return null;
        }
        return "is " + quantity.number().stripTrailingZeros().toPlainString() + " cores"
                + likely(quantity.text(), "[kMGTPE]i?", "m");
    }

    /** Whether a number without a suffix is one that people write in thousandths. */
    private static boolean isPlainThousand(Quantity quantity) {
        return quantity.text().matches("\\d+") && quantity.number().compareTo(BigDecimal.valueOf(1000)) >= 0;
    }

    private static String likely(String text, String suffix, String meant) {
        return text.matches("[0-9.]+(" + suffix + ")?")
                ? "; did you mean \"" + text.replaceFirst(suffix + "$", "") + meant + "\"?"
                : "";
    }
}
