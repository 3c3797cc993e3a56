/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the import lines of the sources against its table of packages, which ARCHITECTURE.md describes. */
class ImportDirectionTest {

    /**
     * A package of the daemon: the floor it stands on, and the packages it may import, all of them on lower floors. What it is
     * for stands in its package-info.
     */
    private record Room(int floor, String name, Set<String> imports) {}

    private static final Map<String, Room> ROOMS = Stream.of(
                    room(1, "concurrent", ""),
                    room(1, "document", ""),
                    room(1, "logging", ""),
                    room(1, "optional", ""),
                    room(1, "pod", ""),
                    room(2, "certificate", "document optional"),
                    room(2, "credentials", "concurrent document pod"),
                    room(2, "events", "pod"),
                    room(2, "node", "concurrent optional"),
                    room(2, "printing", ""),
                    room(2, "schema", "document"),
                    room(3, "archive", "node"),
                    room(3, "cgroup", "concurrent node pod"),
                    room(3, "config", "document pod"),
                    room(3, "http", "certificate concurrent pod"),
                    room(3, "kubeapi", "certificate concurrent document"),
                    room(3, "manifest", "document pod schema"),
                    room(3, "observed", "concurrent document node pod"),
                    room(3, "volume", "concurrent document node pod"),
                    room(4, "criconfig", "cgroup node observed pod"),
                    room(4, "desired", "concurrent document events manifest node pod"),
                    room(4, "plan", "concurrent observed pod"),
                    room(4, "probe", "concurrent events http observed pod"),
                    room(4, "signing", "certificate concurrent document kubeapi"),
                    room(5, "admission", "config desired node observed plan pod"),
                    room(5, "confinement", "config document node plan pod"),
                    room(5, "images", "concurrent credentials document events plan pod"),
                    room(5, "podfiles", "concurrent document node observed plan pod volume"),
                    room(2, "update", ""),
                    room(10, "rollout", "api desired document manifest pod printing update"),
                    room(5, "validation", "desired document manifest"),
                    room(6, "adoption", "document observed pod podfiles"),
                    room(6, "logs", "concurrent document node observed pod podfiles"),
                    room(6, "reconcile", "admission concurrent desired events observed plan pod"),
                    room(
                            7,
                            "runtime",
                            "cgroup concurrent confinement criconfig document events http images node observed plan pod podfiles probe reconcile volume"),
                    room(7, "status", "desired document events observed plan pod reconcile"),
                    room(8, "objects", "document events observed pod status"),
                    room(8, "stats", "cgroup concurrent node observed pod podfiles status volume"),
                    room(
                            10,
                            "metrics",
                            "api cgroup concurrent desired images objects observed pod probe reconcile stats status"),
                    room(
                            8,
                            "warmup",
                            "admission concurrent criconfig desired events manifest node observed plan pod podfiles reconcile status"),
                    room(9, "api", "concurrent desired document events objects observed plan pod reconcile status"),
                    room(9, "mirror", "concurrent document events kubeapi objects pod status"),
                    room(10, "authorization", "api document kubeapi"),
                    room(10, "streaming", "api certificate observed pod status"),
                    room(10, "cluster", "concurrent config document events kubeapi mirror node objects pod"),
                    room(10, "remotecommand", "api"),
                    room(
                            11,
                            "kubernetesapi",
                            "api authorization certificate cluster desired document events objects pod printing schema stats status"),
                    room(
                            12,
                            "boot",
                            "adoption concurrent document logging metrics optional pod certificate credentials events node schema cgroup config http kubeapi manifest observed volume desired plan probe signing admission confinement images podfiles criconfig logs reconcile runtime status objects stats warmup api mirror authorization cluster kubernetesapi rollout streaming"),
                    room(
                            13,
                            "cli",
                            "api archive boot config desired document logging manifest node pod printing remotecommand rollout schema validation"))
            .collect(Collectors.toMap(Room::name, Function.identity()));

    /** The packages that call the CRI, or use its types. */
    private static final Set<String> CRI_USERS = Set.of(
            "adoption",
            "boot",
            "cluster",
            "confinement",
            "criconfig",
            "images",
            "logs",
            "metrics",
            "observed",
            "plan",
            "podfiles",
            "probe",
            "reconcile",
            "runtime",
            "stats",
            "status",
            "streaming",
            "warmup");

    private static final Set<String> CRI_CLIENTS = Set.of("cri.grpc", "cri.simulated");

    /** A package has at most this many classes, except for the vocabulary. */
    private static final int MAX_CLASSES = 30;

    private static final Set<String> VOCABULARY = Set.of("pod");

    private static Room room(int floor, String name, String imports) {
        return new Room(floor, name, imports.isEmpty() ? Set.of() : Set.of(imports.split(" ")));
    }

    /** Libraries that only these packages may touch. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "io.grpc", Set.of(),
            "com.google.protobuf", Set.of("cri.grpc", "kubernetesapi"),
            "io.jubelet.cri.proto", Set.of("cri.grpc"),
            "io.netty", Set.of("cri.http2", "api", "kubernetesapi", "remotecommand", "streaming"),
            "jnr.", Set.of("node"),
            "org.bouncycastle", Set.of("certificate"),
            "picocli", Set.of("cli"));

    private static final Set<String> DRAWERS = Set.of("util", "utils", "common", "helper", "helpers", "misc");

    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?([\\w.]+);", Pattern.MULTILINE);
    private static final Pattern OURS = Pattern.compile("io\\.jubelet(?:\\.([a-z0-9.]+))?\\.[A-Z]\\w*.*");

    /** Packages that decide or translate only; all that they know is handed in. */
    private static final Set<String> PURE = Set.of("criconfig", "manifest", "plan");

    /** Calls of the file system, the clock, threads and the log. */
    private static final Pattern IMPURE =
            Pattern.compile("\\b(?:Files|FileSystems|LoggerFactory|ProcessBuilder|System|Thread|Threads)\\."
                    + "|\\.(?:toFile|toRealPath)\\(|\\b(?:Clock|InstantSource|Logger)\\b|\\bInstant\\.now\\(");

    private record Source(String name, String file, List<String> imports, String text) {}

    @Test
    void everyImportIsAllowed() {
        Set<String> violations = new TreeSet<>();
        for (Source source : sources()) {
            if (ofCriClient(source.name())) {
                continue;
            }
            Room room = ROOMS.get(source.name());
            if (room == null) {
                violations.add("package " + source.name() + " of " + source.file() + " is not in the table");
                continue;
            }
            for (String imported : ours(source)) {
                boolean allowed = imported.equals(source.name())
                        || room.imports().contains(imported)
                        || (imported.equals("cri") && CRI_USERS.contains(source.name()))
                        || (CRI_CLIENTS.contains(imported) && source.name().equals("boot"));
                if (!allowed) {
                    violations.add(source.name() + " imports " + imported + " in " + source.file());
                }
            }
        }
        assertEquals(Set.of(), violations);
    }

    @Test
    void everyArrowOfTheTableLeadsDown() {
        Set<String> violations = new TreeSet<>();
        for (Room room : ROOMS.values()) {
            for (String imported : room.imports()) {
                if (!ROOMS.containsKey(imported) || ROOMS.get(imported).floor() >= room.floor()) {
                    violations.add(room.name() + " -> " + imported);
                }
            }
        }
        assertEquals(Set.of(), violations);
    }

    @Test
    void everyArrowOfTheTableIsUsed() {
        Map<String, Set<String>> used = new TreeMap<>();
        for (Source source : sources()) {
            used.computeIfAbsent(source.name(), _ -> new TreeSet<>()).addAll(ours(source));
        }
        Set<String> unused = new TreeSet<>();
        for (Room room : ROOMS.values()) {
            for (String imported : room.imports()) {
                if (!room.name().equals("boot")
                        && !used.getOrDefault(room.name(), Set.of()).contains(imported)) {
                    unused.add(room.name() + " -> " + imported);
                }
            }
        }
        assertEquals(Set.of(), unused);
    }

    @Test
    void noPackageHasMoreClassesThanAReaderCanHold() {
        Map<String, Integer> classes = new TreeMap<>();
        for (Source source : sources()) {
            if (!ofCriClient(source.name())
                    && !source.file().equals("package-info.java")
                    && !VOCABULARY.contains(source.name())) {
                classes.merge(source.name(), 1, Integer::sum);
            }
        }
        classes.values().removeIf(count -> count <= MAX_CLASSES);
        assertEquals(Map.of(), classes);
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        Set<String> silent = new TreeSet<>();
        Set<String> speaking = new TreeSet<>();
        for (Source source : sources()) {
            (source.file().equals("package-info.java") ? speaking : silent).add(source.name());
        }
        silent.removeAll(speaking);
        assertEquals(Set.of(), silent);
    }

    @Test
    void theCriClientKnowsNothingOfTheDaemon() {
        Set<String> violations = new TreeSet<>();
        for (Source source : sources()) {
            if (ofCriClient(source.name())) {
                ours(source).stream()
                        .filter(imported -> !ofCriClient(imported))
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
    void purePackagesCallNeitherFilesNorClockNorThreadsNorLog() {
        Set<String> violations = new TreeSet<>();
        for (Source source : sources()) {
            Matcher call = IMPURE.matcher(source.text());
            if (PURE.contains(source.name()) && call.find()) {
                violations.add(source.name() + "/" + source.file() + ": " + call.group());
            }
            for (String imported : source.imports()) {
                boolean pure = !imported.startsWith("io.jubelet.concurrent.")
                        || imported.equals("io.jubelet.concurrent.Backoff");
                if (source.name().equals("plan") && !pure) {
                    violations.add("plan/" + source.file() + ": " + imported);
                }
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

    private static boolean ofCriClient(String packageName) {
        return packageName.equals("cri") || packageName.startsWith("cri.");
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
            String text = Files.readString(file);
            Matcher matcher = IMPORT.matcher(text);
            while (matcher.find()) {
                imports.add(matcher.group(1));
            }
            Path folder = root.relativize(file).getParent();
            return new Source(
                    folder == null ? "" : folder.toString().replace('/', '.'),
                    file.getFileName().toString(),
                    imports,
                    text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
