/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

/** Formats amounts as resource quantities, in the form that the API server returns. Pure. */
public final class ResourceQuantities {

    private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private ResourceQuantities() {}

    /** Formats bytes in the largest binary unit that leaves no fraction. */
    public static String bytes(long bytes) {
        int unit = 0;
        long amount = bytes;
        while (amount != 0 && amount % 1024 == 0 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return amount + UNITS[unit];
    }

    /** Formats thousandths of processors. */
    public static String processors(long milli) {
        return milli % 1000 == 0 ? Long.toString(milli / 1000) : milli + "m";
    }
}
