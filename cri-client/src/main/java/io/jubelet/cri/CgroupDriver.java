package io.jubelet.cri;

/** Who makes the cgroups. */
public enum CgroupDriver {
    /** systemd makes them. */
    SYSTEMD,
    /** The runtime makes them itself. */
    CGROUPFS
}
