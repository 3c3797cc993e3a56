/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

/** Converts processor time to the units of cgroups, with the kubelet's arithmetic. Pure. */
public final class CpuTime {

    /** The smallest weight, for what requests no processor time. */
    public static final long MIN_SHARES = 2;

    private static final long MAX_SHARES = 262_144;
    private static final long MIN_QUOTA_MICROS = 1000;
    private static final long MAX_WEIGHT = 10_000;

    private CpuTime() {}

    /** The weight in the units of cgroup v1 and the CRI for thousandths of a processor. */
    public static long shares(long milli) {
        return Math.clamp(milli > MAX_SHARES ? MAX_SHARES : milli * 1024 / 1000, MIN_SHARES, MAX_SHARES);
    }

    /** Microseconds in each period for thousandths of a processor; 0 for no limit. */
    public static long quota(long milli, long periodMicros) {
        if (milli == 0) {
            return 0;
        }
        return Math.max(MIN_QUOTA_MICROS, Math.min(milli, Long.MAX_VALUE / periodMicros) * periodMicros / 1000);
    }

    /**
     * The weight in the units of cgroup v2 for shares: 1 for the smallest, 100 for the default of
     * 1024, 10000 for the largest, and a curve between them. Source: opencontainers/cgroups 0.0.6,
     * which runc uses since 1.3.2 and the kubelet since 1.35.
     */
    public static long weight(long shares) {
        if (shares <= MIN_SHARES) {
            return 1;
        }
        if (shares >= MAX_SHARES) {
            return MAX_WEIGHT;
        }
        double log = Math.log(shares) / Math.log(2);
        return (long) Math.ceil(Math.pow(10, (log * log + 125 * log) / 612 - 7.0 / 34));
    }
}
