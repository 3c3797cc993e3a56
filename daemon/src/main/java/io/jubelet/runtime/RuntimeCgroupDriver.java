/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.CgroupDriver;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeConfigResponse;
import io.jubelet.cri.RuntimeService;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries the runtime for its cgroup driver, because every sandbox fails with another one.
 *
 * <p>Runtimes since containerd 2 and CRI-O 1.28 have a call for it. containerd 1 has its
 * configuration in the details of its status, which the kubelet does not use.
 */
public final class RuntimeCgroupDriver {

    private static final Logger LOG = LoggerFactory.getLogger(RuntimeCgroupDriver.class);
    private static final String SYSTEMD = "\"SystemdCgroup\":true";
    private static final String CGROUPFS = "\"SystemdCgroup\":false";

    private RuntimeCgroupDriver() {}

    /**
     * The driver of the runtime.
     *
     * @param configured the driver if the runtime does not report one; {@code cgroupfs} if this is
     *     empty, as with the kubelet
     * @throws CriException if the runtime does not answer
     */
    public static CgroupDriver query(RuntimeService runtime, Optional<String> configured) {
        Optional<CgroupDriver> reported = reported(runtime);
        CgroupDriver wanted =
                configured.filter("systemd"::equals).isPresent() ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
        if (configured.isPresent() && reported.isPresent() && reported.get() != wanted) {
            LOG.warn(
                    "ignoring the configured cgroup driver, because the runtime uses another one: configured={} runtime={}",
                    wanted,
                    reported.get());
        }
        return reported.orElse(wanted);
    }

    private static Optional<CgroupDriver> reported(RuntimeService runtime) {
        try {
            RuntimeConfigResponse config = runtime.runtimeConfig();
            if (config.linux() != null) {
                return Optional.of(
                        switch (config.linux().cgroupDriver()) {
                            case SYSTEMD -> CgroupDriver.SYSTEMD;
                            case CGROUPFS -> CgroupDriver.CGROUPFS;
                        });
            }
        } catch (CriException.Unimplemented _) {
            LOG.debug("the runtime has no call that reports its cgroup driver");
        }
        String details = String.join("\n", runtime.status(true).info().values()).replace(" ", "");
        boolean systemd = details.contains(SYSTEMD);
        boolean cgroupfs = details.contains(CGROUPFS);
        if (systemd == cgroupfs) {
            return Optional.empty();
        }
        return Optional.of(systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS);
    }
}
