package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.Quantity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is said of the node's resources and how pods are kept apart, by flags or a KubeletConfiguration; what is not said is
 * empty.
 *
 * @param cgroupRoot absolute path of a cgroup
 * @param cgroupsPerQos whether pods get cgroups of their own
 * @param cgroupDriver {@code cgroupfs} or {@code systemd}, where the runtime does not tell
 * @param podPidsLimit processes and threads of a pod; -1 and 0 for no limit
 * @param singleProcessOomKill whether a container that runs out of memory loses one process and not all
 * @param reserved what is kept from pods for the system and this daemon, by resource
 * @param evictionHard what must stay free
 * @param idsPerPod how many user ids a pod has that has a user namespace
 * @param dead how many containers are kept that have ended
 * @param enforced whether all pods together may take only what is not reserved
 */
public record NodeSettings(
        Optional<String> cgroupRoot,
        Optional<Boolean> cgroupsPerQos,
        Optional<String> cgroupDriver,
        Optional<Long> podPidsLimit,
        Optional<Boolean> singleProcessOomKill,
        Map<String, Quantity> reserved,
        Optional<EvictionThresholds> evictionHard,
        Optional<Integer> idsPerPod,
        Dead dead,
        Optional<Boolean> enforced) {

    /**
     * How many containers are kept that have ended; flags alone say it.
     *
     * @param minimumAge before which none is removed
     * @param perContainer instances of each container; negative for all
     * @param total instances on the node; negative for no limit
     */
    public record Dead(Optional<Duration> minimumAge, Optional<Integer> perContainer, Optional<Integer> total) {

        static final Dead UNSAID = new Dead(Optional.empty(), Optional.empty(), Optional.empty());

        public Dead {
            Objects.requireNonNull(minimumAge, "minimumAge");
            Objects.requireNonNull(perContainer, "perContainer");
            Objects.requireNonNull(total, "total");
        }

        boolean isUnsaid() {
            return minimumAge.isEmpty() && perContainer.isEmpty() && total.isEmpty();
        }
    }

    /** Nothing is said. */
    public static final NodeSettings UNSAID = new NodeSettings(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Dead.UNSAID,
            Optional.empty());

    /** How many user ids there are for a pod at least. */
    private static final int IDS = 65536;

    private static final List<String> DRIVERS = List.of("cgroupfs", "systemd");
    private static final List<String> RESERVABLE = List.of("cpu", "memory", "ephemeral-storage", "pid");

    public NodeSettings {
        Objects.requireNonNull(singleProcessOomKill, "singleProcessOomKill");
        reserved = Map.copyOf(reserved);
        Objects.requireNonNull(dead, "dead");
        Objects.requireNonNull(enforced, "enforced");
    }

    /** What is wrong with flags, which say their values as they are; a file is judged while it is parsed. */
    public List<String> wrong() {
        List<String> wrong = new ArrayList<>();
        cgroupRoot
                .filter(root -> !root.startsWith("/"))
                .ifPresent(root -> wrong.add("the cgroup root must be an absolute path, and is \"" + root + "\""));
        cgroupDriver
                .filter(driver -> !DRIVERS.contains(driver))
                .ifPresent(driver ->
                        wrong.add("the cgroup driver must be cgroupfs or systemd, and is \"" + driver + "\""));
        podPidsLimit
                .filter(limit -> limit < -1)
                .ifPresent(limit -> wrong.add("the limit of processes of a pod must be -1 or more, and is " + limit));
        dead.minimumAge()
                .filter(Duration::isNegative)
                .ifPresent(age -> wrong.add("the minimum age of a dead container must not be negative, and is " + age));
        return wrong;
    }

    /** The flags of the command line, which win over a file. */
    public static NodeSettings flags(
            Optional<String> cgroupRoot,
            Optional<Boolean> cgroupsPerQos,
            Optional<String> cgroupDriver,
            Optional<Long> podPidsLimit,
            Dead dead) {
        return new NodeSettings(
                cgroupRoot,
                cgroupsPerQos,
                cgroupDriver,
                podPidsLimit,
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                dead,
                Optional.empty());
    }

    /** These, and what they do not say from others. */
    public NodeSettings or(NodeSettings others) {
        return new NodeSettings(
                cgroupRoot.or(others::cgroupRoot),
                cgroupsPerQos.or(others::cgroupsPerQos),
                cgroupDriver.or(others::cgroupDriver),
                podPidsLimit.or(others::podPidsLimit),
                singleProcessOomKill.or(others::singleProcessOomKill),
                reserved.isEmpty() ? others.reserved : reserved,
                evictionHard.or(others::evictionHard),
                idsPerPod.or(others::idsPerPod),
                dead.isUnsaid() ? others.dead : dead,
                enforced.or(others::enforced));
    }

    /** Reads the fields of a KubeletConfiguration; what is wrong is noted. */
    static NodeSettings parse(FieldReader fields) {
        String root = fields.text("cgroupRoot", "");
        String driver = fields.text("cgroupDriver", "");
        if (!root.isEmpty() && !root.startsWith("/")) {
            fields.error("cgroupRoot", "must be an absolute path such as /jubelet, and this is \"" + root + "\"");
            root = "";
        }
        if (!driver.isEmpty() && !DRIVERS.contains(driver)) {
            fields.error("cgroupDriver", "must be cgroupfs or systemd, and this is \"" + driver + "\"");
            driver = "";
        }
        Map<String, Quantity> reserved = new HashMap<>();
        addReserved(fields, "kubeReserved", reserved);
        addReserved(fields, "systemReserved", reserved);
        return new NodeSettings(
                Optional.of(root).filter(text -> !text.isEmpty()),
                flag(fields, "cgroupsPerQOS"),
                Optional.of(driver).filter(text -> !text.isEmpty()),
                fields.has("podPidsLimit")
                        ? Optional.of(fields.integer("podPidsLimit", -1, -1, Long.MAX_VALUE))
                        : Optional.empty(),
                flag(fields, "singleProcessOOMKill"),
                reserved,
                Optional.ofNullable(EvictionThresholds.parse(fields)),
                idsPerPod(fields.mapping("userNamespaces", KubeletFields.userNamespaces())),
                Dead.UNSAID,
                fields.has("enforceNodeAllocatable")
                        ? Optional.of(fields.texts("enforceNodeAllocatable").contains("pods"))
                        : Optional.empty());
    }

    private static Optional<Integer> idsPerPod(FieldReader userNamespaces) {
        if (userNamespaces == null || !userNamespaces.has("idsPerPod")) {
            return Optional.empty();
        }
        long ids = userNamespaces.integer("idsPerPod", IDS, IDS, Integer.MAX_VALUE);
        if (ids % IDS != 0) {
            userNamespaces.error("idsPerPod", "must be a multiple of " + IDS);
        }
        return Optional.of((int) ids);
    }

    private static Optional<Boolean> flag(FieldReader fields, String name) {
        return fields.has(name) ? Optional.of(fields.flag(name, true)) : Optional.empty();
    }

    private static void addReserved(FieldReader fields, String name, Map<String, Quantity> reserved) {
        for (Map.Entry<String, String> entry : fields.textMap(name).entrySet()) {
            if (!RESERVABLE.contains(entry.getKey())) {
                fields.error(
                        name,
                        "cannot reserve \"" + entry.getKey() + "\"; " + String.join(", ", RESERVABLE) + " can be");
                continue;
            }
            try {
                Quantity quantity = Quantity.parse(entry.getValue());
                reserved.merge(
                        entry.getKey(),
                        quantity,
                        (a, b) -> new Quantity(a + " + " + b, a.number().add(b.number())));
            } catch (IllegalArgumentException e) {
                fields.error(name, e.getMessage());
            }
        }
    }

    /** What must stay free; below it the node is under pressure. */
    public EvictionThresholds thresholds() {
        return evictionHard.orElse(EvictionThresholds.DEFAULT);
    }

    /** Bytes of memory that no pod may request, for their absence would have pods evicted. */
    public long memoryToStayFree(long nodeMemory) {
        return thresholds().floor("memory.available", nodeMemory);
    }
}
