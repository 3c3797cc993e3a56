package io.jubelet.cgroup;

/** Processor time as cgroups count it, by the kubelet's arithmetic. Pure. */
public final class CpuTime {

    /** The smallest weight there is, of who asked for nothing. */
    public static final long MIN_SHARES = 2;

    private static final long MAX_SHARES = 262_144;
    private static final long MIN_QUOTA_MICROS = 1000;
    private static final long MAX_WEIGHT = 10_000;

    private CpuTime() {}

    /** The weight that cgroup v1 and runtimes know for thousandths of a processor. */
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
     * The weight of cgroup v2 for shares: 1 for the least, 100 for the default of 1024, 10000 for the most, and between them
     * a curve. Source: opencontainers/cgroups 0.0.6, which runc since 1.3.2 and the kubelet since 1.35 count by.
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
