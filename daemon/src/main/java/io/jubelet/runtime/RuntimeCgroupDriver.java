package io.jubelet.runtime;

import io.jubelet.cgroup.CgroupDriver;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeConfigResponse;
import io.jubelet.cri.RuntimeService;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the runtime for its cgroup driver: another one than its own makes every sandbox fail.
 *
 * <p>Runtimes since containerd 2 and CRI-O 1.28 have a call for it. containerd 1 shows its configuration among the details
 * of its status, where the kubelet does not look.
 */
public final class RuntimeCgroupDriver {

    private static final Logger LOG = LoggerFactory.getLogger(RuntimeCgroupDriver.class);
    private static final String SYSTEMD = "\"SystemdCgroup\":true";
    private static final String CGROUPFS = "\"SystemdCgroup\":false";

    private RuntimeCgroupDriver() {}

    /**
     * The driver of the runtime.
     *
     * @param configured what is taken when the runtime does not tell; {@code cgroupfs} without it, as with the kubelet
     * @throws CriException when the runtime does not answer
     */
    public static CgroupDriver ask(RuntimeService runtime, Optional<String> configured) {
        Optional<CgroupDriver> told = told(runtime);
        CgroupDriver wanted =
                configured.filter("systemd"::equals).isPresent() ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
        if (configured.isPresent() && told.isPresent() && told.get() != wanted) {
            LOG.warn("the runtime makes cgroups by {}, so the configured {} is not used", told.get(), wanted);
        }
        return told.orElse(wanted);
    }

    private static Optional<CgroupDriver> told(RuntimeService runtime) {
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
            LOG.debug("the runtime has no call for its cgroup driver");
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
