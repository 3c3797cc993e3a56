package io.jubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads import lines and holds them against the directions that ARCHITECTURE.md draws. */
class ImportDirectionTest {

    /** Who may import whom, by package below {@code io.jubelet}; the empty name is the composition root. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry("pod", Set.of()),
            Map.entry("concurrent", Set.of()),
            Map.entry("document", Set.of()),
            Map.entry("config", Set.of("document", "pod")),
            Map.entry("loading", Set.of()),
            Map.entry("logging", Set.of()),
            Map.entry("node", Set.of("concurrent", "loading")),
            Map.entry("certificate", Set.of("loading")),
            Map.entry("cgroup", Set.of("pod", "concurrent", "node")),
            Map.entry("desired", Set.of("pod", "concurrent", "document", "node")),
            Map.entry("observed", Set.of("pod", "concurrent", "cri", "node")),
            // It knows what runs from views that the composition root hands it; runtime borrows its HTTP client for
            // hooks.
            Map.entry("probe", Set.of("pod", "certificate", "concurrent", "cri", "events", "observed")),
            // Whoever does something to a pod tells it as an event.
            Map.entry("events", Set.of("pod")),
            Map.entry("reconcile", Set.of("pod", "concurrent", "cri", "desired", "events", "observed")),
            Map.entry("confinement", Set.of("pod", "cri", "node", "reconcile")),
            Map.entry("volume", Set.of("pod", "node")),
            Map.entry("credentials", Set.of("pod", "concurrent", "config", "document")),
            Map.entry("images", Set.of("pod", "concurrent", "cri", "credentials", "document", "events", "reconcile")),
            Map.entry(
                    "runtime",
                    Set.of(
                            "pod",
                            "cgroup",
                            "concurrent",
                            "confinement",
                            "cri",
                            "events",
                            "images",
                            "observed",
                            "probe",
                            "reconcile",
                            "node",
                            "volume")),
            Map.entry("status", Set.of("pod", "concurrent", "cri", "desired", "events", "observed", "reconcile")),
            Map.entry("objects", Set.of("pod", "events", "status")),
            Map.entry(
                    "api",
                    Set.of("pod", "concurrent", "desired", "events", "objects", "observed", "reconcile", "status")),
            Map.entry("kubeapi", Set.of("certificate", "concurrent", "document")),
            // Its verdicts are those that api asks for.
            Map.entry("authorization", Set.of("api", "document", "kubeapi")),
            Map.entry("signing", Set.of("certificate", "concurrent", "document", "kubeapi")),
            // A reader of the status, as api is.
            Map.entry("cluster", Set.of("pod", "concurrent", "document", "events", "kubeapi", "objects", "status")),
            Map.entry("cli", Set.of("api", "pod", "config", "logging", "")),
            Map.entry(
                    "",
                    Set.of(
                            "pod",
                            "authorization",
                            "certificate",
                            "cgroup",
                            "concurrent",
                            "config",
                            "confinement",
                            "node",
                            "credentials",
                            "desired",
                            "events",
                            "images",
                            "observed",
                            "probe",
                            "reconcile",
                            "runtime",
                            "status",
                            "api",
                            "objects",
                            "kubeapi",
                            "signing",
                            "cluster",
                            "cri",
                            "cri.grpc",
                            "cri.simulated")));

    /** Libraries that only these packages may touch. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "io.grpc", Set.of(),
            "com.google.protobuf", Set.of("cri.grpc"),
            "io.jubelet.cri.proto", Set.of("cri.grpc"),
            "io.netty", Set.of("cri.http2", "api"),
            "jnr.", Set.of("node"),
            "org.bouncycastle", Set.of("certificate"),
            "picocli", Set.of("cli"));

    private static final Set<String> DRAWERS = Set.of("util", "utils", "common", "helper", "helpers", "misc");

    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?([\\w.]+);", Pattern.MULTILINE);
    private static final Pattern OURS = Pattern.compile("io\\.jubelet(?:\\.([a-z0-9.]+))?\\.[A-Z]\\w*.*");

    private record Source(String name, String file, List<String> imports) {}

    @Test
    void everyImportFollowsTheDirections() {
        Set<String> violations = new TreeSet<>();
        for (Source source : sources()) {
            if (source.name().startsWith("cri")) {
                continue;
            }
            Set<String> allowed = ALLOWED.getOrDefault(source.name(), Set.of());
            if (!ALLOWED.containsKey(source.name())) {
                violations.add("package " + source.name() + " is not on the map");
            }
            for (String imported : ours(source)) {
                if (!imported.equals(source.name()) && !allowed.contains(imported)) {
                    violations.add(source.name() + " imports " + imported + " in " + source.file());
                }
            }
        }
        assertEquals(Set.of(), violations);
    }

    @Test
    void theCriClientKnowsNothingOfTheDaemon() {
        Set<String> violations = new TreeSet<>();
        for (Source source : sources()) {
            if (source.name().startsWith("cri")) {
                ours(source).stream()
                        .filter(imported -> !imported.startsWith("cri"))
                        .forEach(imported -> violations.add(source.file() + " imports " + imported));
            }
        }
        assertEquals(Set.of(), violations);
    }

    @Test
    void onlyGrpcOfTheCriKnowsHttp2() {
        Set<String> users = new TreeSet<>();
        for (Source source : sources()) {
            if (ours(source).contains("cri.http2") && !source.name().equals("cri.http2")) {
                users.add(source.name());
            }
        }
        assertEquals(Set.of("cri.grpc"), users);
    }

    @Test
    void librariesStayWhereTheyBelong() {
        Set<String> violations = new TreeSet<>();
        for (Source source : sources()) {
            for (String line : source.imports()) {
                LIBRARIES.forEach((library, users) -> {
                    if (line.startsWith(library) && !users.contains(source.name())) {
                        violations.add(source.file() + " imports " + line);
                    }
                });
            }
        }
        assertEquals(Set.of(), violations);
    }

    @Test
    void packagesFormNoCycle() {
        Map<String, Set<String>> graph = new TreeMap<>();
        for (Source source : sources()) {
            graph.computeIfAbsent(source.name(), _ -> new TreeSet<>()).addAll(ours(source));
        }
        for (String start : graph.keySet()) {
            Set<String> reached = new HashSet<>();
            List<String> open = new ArrayList<>(graph.get(start));
            open.remove(start);
            while (!open.isEmpty()) {
                String next = open.removeLast();
                assertFalse(next.equals(start), "a cycle through " + start);
                if (reached.add(next)) {
                    graph.getOrDefault(next, Set.of()).stream()
                            .filter(further -> !further.equals(next))
                            .forEach(open::add);
                }
            }
        }
    }

    @Test
    void noPackageIsADrawer() {
        for (Source source : sources()) {
            for (String part : source.name().split("\\.")) {
                assertFalse(DRAWERS.contains(part), source.file());
            }
        }
    }

    private static List<String> ours(Source source) {
        List<String> packages = new ArrayList<>();
        for (String line : source.imports()) {
            Matcher matcher = OURS.matcher(line);
            if (matcher.matches()) {
                packages.add(matcher.group(1) == null ? "" : matcher.group(1));
            }
        }
        return packages;
    }

    private static List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        for (Path module : List.of(Path.of("."), Path.of("../cri-client"))) {
            Path root = module.resolve("src/main/java/io/jubelet");
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(f -> f.toString().endsWith(".java")).forEach(f -> sources.add(read(root, f)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sources;
    }

    private static Source read(Path root, Path file) {
        try {
            List<String> imports = new ArrayList<>();
            Matcher matcher = IMPORT.matcher(Files.readString(file));
            while (matcher.find()) {
                imports.add(matcher.group(1));
            }
            Path folder = root.relativize(file).getParent();
            return new Source(
                    folder == null ? "" : folder.toString().replace('/', '.'),
                    file.getFileName().toString(),
                    imports);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
