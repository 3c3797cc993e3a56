package io.jubelet.cli;

import io.jubelet.config.CertificateSettings;
import io.jubelet.config.ImageSettings;
import io.jubelet.config.KubeletFlags;
import io.jubelet.config.NodeSettings;
import io.jubelet.config.RunOptions;
import io.jubelet.document.GoDuration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads the flags of {@code run} as {@link Run} describes them, as long as nothing is wrong with them. */
final class RunFlags {

    private static final Set<String> NAMES = Set.of(
            "--pod-manifest-path",
            "--config",
            "--container-runtime-endpoint",
            "--image-service-endpoint",
            "--hostname-override",
            "--root-dir",
            "--kubeconfig",
            "--bootstrap-kubeconfig",
            "--cert-dir",
            "--node-ip",
            "--api-socket",
            "--pod-logs-dir",
            "--file-check-frequency",
            "--local-config",
            "--seccomp-default",
            "--allowed-unsafe-sysctls",
            "--cluster-dns",
            "--cluster-domain",
            "--resolv-conf",
            "--node-labels",
            "--max-pods",
            "--image-credential-provider-config",
            "--image-credential-provider-bin-dir",
            "--registry-qps",
            "--registry-burst",
            "--image-gc-high-threshold",
            "--image-gc-low-threshold",
            "--minimum-image-ttl-duration",
            "--cgroup-root",
            "--cgroup-driver",
            "--cgroups-per-qos",
            "--pod-max-pids",
            "--minimum-container-ttl-duration",
            "--maximum-dead-containers-per-container",
            "--maximum-dead-containers",
            "--v",
            "-v");

    /** Those that may be given again, and then add up. */
    private static final Set<String> LISTS =
            Set.of("--node-ip", "--cluster-dns", "--node-labels", "--allowed-unsafe-sysctls");

    private final Map<String, List<String>> values = new HashMap<>();

    private RunFlags() {}

    /**
     * The words of a command line without the kubelet's flags, and those flags. A switch among them may stand alone, and does
     * not take the next word, as with the kubelet.
     */
    record Split(List<String> own, KubeletFlags kubelet) {

        static Split of(List<String> arguments) {
            List<String> own = new ArrayList<>();
            List<KubeletFlags.Given> kubelet = new ArrayList<>();
            for (int i = 0; i < arguments.size(); i++) {
                String argument = arguments.get(i);
                int equals = argument.indexOf('=');
                String name = equals < 0 ? argument : argument.substring(0, equals);
                if (!name.startsWith("--") || NAMES.contains(name) || !KubeletFlags.knows(name)) {
                    own.add(argument);
                    if (equals < 0 && NAMES.contains(name) && i + 1 < arguments.size()) {
                        own.add(arguments.get(++i));
                    }
                } else if (equals >= 0) {
                    kubelet.add(new KubeletFlags.Given(name, argument.substring(equals + 1)));
                } else if (KubeletFlags.isSwitch(name)) {
                    kubelet.add(new KubeletFlags.Given(name, "true"));
                } else if (i + 1 < arguments.size()) {
                    kubelet.add(new KubeletFlags.Given(name, arguments.get(++i)));
                } else {
                    own.add(argument);
                }
            }
            return new Split(own, kubelet.isEmpty() ? KubeletFlags.NONE : new KubeletFlags(kubelet));
        }
    }

    /** Empty when there is anything that Picocli has to explain: a question for help, an unknown flag, a bad value. */
    static Optional<RunOptions> parse(List<String> arguments, Map<String, String> environment) {
        RunFlags flags = new RunFlags();
        try {
            if (flags.read(arguments)) {
                return Optional.of(flags.options(environment, KubeletFlags.NONE));
            }
            // Rare, so that who has none of the kubelet's flags does not load their table.
            Split split = Split.of(arguments);
            flags.values.clear();
            return !split.kubelet().given().isEmpty() && flags.read(split.own())
                    ? Optional.of(flags.options(environment, split.kubelet()))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean read(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!NAMES.contains(name) || (equals < 0 && i + 1 == arguments.size())) {
                return false;
            }
            String value = equals < 0 ? arguments.get(++i) : argument.substring(equals + 1);
            List<String> given = values.computeIfAbsent(name.equals("-v") ? "--v" : name, _ -> new ArrayList<>());
            given.add(value);
            if (value.isEmpty() || value.startsWith("-") || (given.size() > 1 && !LISTS.contains(name))) {
                return false;
            }
        }
        return true;
    }

    private RunOptions options(Map<String, String> environment, KubeletFlags kubelet) {
        return new RunOptions(
                path("--pod-manifest-path"),
                path("--config"),
                value("--container-runtime-endpoint"),
                value("--image-service-endpoint"),
                value("--hostname-override"),
                path("--root-dir"),
                path("--kubeconfig"),
                list("--node-ip"),
                value("--api-socket")
                        .or(() -> Optional.ofNullable(environment.get("JUBELET_API_SOCKET")))
                        .map(Path::of),
                path("--pod-logs-dir"),
                value("--file-check-frequency").map(RunFlags::duration),
                value("--local-config").map(RunFlags::bool),
                value("--seccomp-default").map(RunFlags::bool),
                list("--allowed-unsafe-sysctls"),
                images(),
                number("--v"),
                new RunOptions.Names(list("--cluster-dns"), value("--cluster-domain"), value("--resolv-conf")),
                Optional.ofNullable(values.get("--node-labels")).map(given -> String.join(",", given)),
                number("--max-pods"),
                CertificateSettings.flags(path("--bootstrap-kubeconfig"), path("--cert-dir")),
                NodeSettings.flags(
                        value("--cgroup-root"),
                        value("--cgroups-per-qos").map(RunFlags::bool),
                        value("--cgroup-driver"),
                        value("--pod-max-pids").map(Long::valueOf),
                        new NodeSettings.Dead(
                                value("--minimum-container-ttl-duration").map(RunFlags::duration),
                                count("--maximum-dead-containers-per-container"),
                                count("--maximum-dead-containers"))),
                kubelet);
    }

    private OptionalInt number(String name) {
        return value(name).map(given -> OptionalInt.of(Integer.parseInt(given))).orElse(OptionalInt.empty());
    }

    private List<String> list(String name) {
        List<String> items = new ArrayList<>();
        values.getOrDefault(name, List.of()).forEach(given -> items.addAll(List.of(given.split(","))));
        return items;
    }

    private ImageSettings images() {
        return new ImageSettings(
                Optional.empty(),
                count("--registry-qps"),
                count("--registry-burst"),
                count("--image-gc-high-threshold"),
                count("--image-gc-low-threshold"),
                value("--minimum-image-ttl-duration").map(RunFlags::duration),
                Optional.empty(),
                Optional.empty(),
                path("--image-credential-provider-config"),
                path("--image-credential-provider-bin-dir"));
    }

    private Optional<Integer> count(String name) {
        return value(name).map(Integer::valueOf);
    }

    private static Duration duration(String text) {
        return GoDuration.parse(text);
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private Optional<Path> path(String name) {
        return value(name).map(Path::of);
    }

    private Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name)).map(List::getFirst);
    }
}
