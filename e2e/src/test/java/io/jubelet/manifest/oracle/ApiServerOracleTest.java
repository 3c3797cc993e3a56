/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.document.FieldTable;
import io.jubelet.e2e.ApiServerUnderTest;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.schema.PodFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares validation and defaults with those of a real kube-apiserver for hand-picked and generated pods. What the API server
 * refuses, Jubelet refuses at the same field. Intended differences are in {@code differences.txt}.
 *
 * <p>Prints its seed; {@code -Djubelet.test.seed=N} replays it.
 */
@Timeout(600)
@Tag("cluster")
class ApiServerOracleTest {

    private static final int COMBINED = 400;
    private static final int MUTATED = 400;

    /** What a field of any type may be given by mistake. */
    private static final List<String> VALUES = List.of(
            "null",
            "''",
            "x",
            "A_b",
            "-1",
            "0",
            "1",
            "20",
            "65536",
            "2147483648",
            "1.5",
            "true",
            "[]",
            "{}",
            "[x]",
            "' x'",
            "'9'",
            "a.b",
            "/a",
            "../a",
            "a/b",
            "10m",
            "1Gi");

    private static final Set<String> NOT_READ = notRead();

    @TempDir
    private static Path directory;

    private static ApiServerUnderTest server;

    @BeforeAll
    static void start() throws IOException {
        server = new ApiServerUnderTest(
                directory,
                List.of(
                        "--authorization-mode=AlwaysAllow",
                        // Off by default; Jubelet honours it.
                        "--feature-gates=ContainerStopSignals=true",
                        // These plugins need objects of a cluster, or set fields that the manifest does not.
                        "--disable-admission-plugins=ServiceAccount,Priority,DefaultTolerationSeconds,RuntimeClass,"
                                + "LimitRanger,ResourceQuota,NamespaceLifecycle,PodTopologyLabels,PodSecurity"));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void acceptsSamePodsAsApiServer() throws IOException, InterruptedException {
        List<PodCase> corpus = PodCase.corpus();
        Differences differences = new Differences("differences.txt");
        List<String> problems = new ArrayList<>();
        List<PodCase> good = new ArrayList<>();
        for (PodCase pod : corpus) {
            if (compare(pod, differences, problems)) {
                good.add(pod);
            }
        }
        long seed = Long.getLong("jubelet.test.seed", 1);
        System.out.println("oracle: " + corpus.size() + " hand-picked pods, of which " + good.size()
                + " are accepted by both; seed " + seed);
        List<String> unused = differences.unused();
        for (PodCase pod : generated(corpus, good, new Random(seed))) {
            compare(pod, differences, problems);
        }
        assertEquals(List.of(), unused, "differences that no hand-picked pod shows");
        assertTrue(corpus.size() >= 300, () -> corpus.size() + " hand-picked pods");
        assertTrue(good.size() >= 100, () -> good.size() + " valid ones among them");
        if (!problems.isEmpty()) {
            Files.write(Path.of("target/oracle.txt"), problems);
            fail(problems.size() + " differences:\n" + String.join("\n", problems));
        }
    }

    @Test
    void examplesAreServedAsByApiServer() throws IOException {
        Differences differences = new Differences("differences.txt");
        List<String> problems = new ArrayList<>();
        int compared = 0;
        try (Stream<Path> files =
                Files.list(Path.of("").toAbsolutePath().getParent().resolve("manifests-example"))) {
            for (Path file : files.sorted().toList()) {
                for (Pod pod : ManifestFile.parse(Files.readAllBytes(file), file.toString(), "node1")
                        .pods()) {
                    ValidationResult theirs = ValidationResult.theirs(server, "pods", pod.document());
                    List<ValidationResult.Objection> left = theirs.accepted()
                            ? differences.notAllowed(Differences.Kind.SERVED, ServedSpec.differences(pod, theirs.pod()))
                            : differences.notAllowed(Differences.Kind.ACCEPTED, theirs.objections());
                    if (!left.isEmpty()) {
                        problems.add(file + ": " + left);
                    }
                    compared += theirs.accepted() ? 1 : 0;
                }
            }
        }
        assertEquals(List.of(), problems);
        assertTrue(compared >= 30, compared + " pods of examples");
    }

    @Test
    void acceptsSameConfigMapsAndSecretsAsApiServer() throws IOException {
        Differences differences = new Differences("config-differences.txt");
        List<String> problems = new ArrayList<>();
        int accepted = 0;
        List<ConfigCase> all = ConfigCase.corpus();
        for (ConfigCase each : all) {
            ValidationResult ours = ValidationResult.ours(each.json());
            ValidationResult theirs = ValidationResult.theirs(server, each.plural(), each.json());
            if (ours.accepted() && theirs.accepted()) {
                accepted++;
                each.difference(ours.pod(), theirs.pod()).ifPresent(problems::add);
            } else {
                compare(each.toString(), ours, theirs, differences, problems);
            }
        }
        assertEquals(List.of(), differences.unused(), "differences that no case shows");
        assertEquals(List.of(), problems);
        assertTrue(all.size() >= 100 && accepted >= 30, accepted + " of " + all.size() + " are accepted by both");
    }

    private static Set<PodCase> generated(List<PodCase> corpus, List<PodCase> good, Random random) {
        Set<PodCase> generated = new LinkedHashSet<>();
        while (generated.size() < COMBINED) {
            PodCase pod = good.get(random.nextInt(good.size()));
            for (int more = 1 + random.nextInt(4); more > 0; more--) {
                pod = pod.and(good.get(random.nextInt(good.size())));
            }
            generated.add(random.nextInt(3) == 0 ? pod.and(corpus.get(random.nextInt(corpus.size()))) : pod);
        }
        while (generated.size() < COMBINED + MUTATED) {
            PodCase pod = good.get(random.nextInt(good.size())).and(good.get(random.nextInt(good.size())));
            generated.add(pod.mutate(random, ApiServerOracleTest::isRead, VALUES));
        }
        return generated;
    }

    /** Whether a parser looks at a field; where none does, an empty value of a wrong type passes. */
    private static boolean isRead(String path) {
        return Arrays.stream(path.split("[.\\[\\]]+")).noneMatch(NOT_READ::contains);
    }

    private static Set<String> notRead() {
        Set<String> names = new HashSet<>(List.of("status", "schedulingGroup"));
        Set<String> read = new HashSet<>();
        for (FieldTable table : PodFields.all()) {
            for (FieldTable.Field field : table.fields()) {
                switch (field.use()) {
                    case HONOURED -> read.add(field.name());
                    case NO_EFFECT -> {
                        if (table == PodFields.METADATA) {
                            names.add(field.name());
                        }
                    }
                    case IGNORED -> {
                        if (field.note().orElseThrow().startsWith("is ignored")) {
                            names.add(field.name());
                        }
                    }
                    case REFUSED, DEFAULT_ONLY -> names.add(field.name());
                }
            }
        }
        names.removeAll(read);
        return names;
    }

    /** Notes how we differ; true when both accept. */
    private static boolean compare(PodCase pod, Differences differences, List<String> problems)
            throws IOException, InterruptedException {
        String json = Tree.json(pod.tree());
        ValidationResult ours = ValidationResult.ours(json);
        ValidationResult theirs = ValidationResult.theirs(server, "pods", json);
        if (ours.accepted() && theirs.accepted()) {
            List<ValidationResult.Objection> others = defaults((Pod) ours.pod(), theirs.pod());
            List<ValidationResult.Objection> left = differences.notAllowed(Differences.Kind.DEFAULT, others);
            if (!left.isEmpty()) {
                problems.add(pod + "\n    defaults: " + left);
            }
            List<ValidationResult.Objection> served = differences.notAllowed(
                    Differences.Kind.SERVED, ServedSpec.differences((Pod) ours.pod(), theirs.pod()));
            if (!served.isEmpty()) {
                problems.add(pod + "\n    served: " + served);
            }
            return true;
        }
        compare(pod.toString(), ours, theirs, differences, problems);
        return false;
    }

    /** Notes how we differ about what one of us refuses. */
    private static void compare(
            String asked,
            ValidationResult ours,
            ValidationResult theirs,
            Differences differences,
            List<String> problems) {
        if (theirs.accepted()) {
            List<ValidationResult.Objection> left = differences.notAllowed(Differences.Kind.REFUSED, ours.objections());
            if (!left.isEmpty()) {
                problems.add(asked + "\n    only we refuse: " + left);
            }
        } else if (ours.accepted()) {
            List<ValidationResult.Objection> left =
                    differences.notAllowed(Differences.Kind.ACCEPTED, theirs.objections());
            if (!left.isEmpty()) {
                problems.add(asked + "\n    only the API server refuses: " + left);
            }
        } else {
            samePlace(asked, ours, theirs, differences, problems);
        }
    }

    /** Each field that the API server objects to, we object to as well, at it, above it or below it. */
    private static void samePlace(
            String asked,
            ValidationResult ours,
            ValidationResult theirs,
            Differences differences,
            List<String> problems) {
        List<ValidationResult.Objection> elsewhere = theirs.objections().stream()
                .filter(objection -> !objection.field().isEmpty())
                .filter(objection -> ours.objections().stream()
                        .noneMatch(mine -> near(normal(mine.field()), normal(objection.field()))))
                .toList();
        List<ValidationResult.Objection> left = differences.notAllowed(Differences.Kind.PLACE, elsewhere);
        if (!left.isEmpty()) {
            problems.add(
                    asked + "\n    both refuse, but we do not see: " + left + "\n    but see: " + ours.objections());
        }
    }

    private static String normal(String field) {
        return field.replace('[', '.').replace("]", "");
    }

    private static boolean near(String one, String other) {
        return one.equals(other) || one.startsWith(other + ".") || other.startsWith(one + ".");
    }

    /** Where our records say something else than the API server's answer. */
    private static List<ValidationResult.Objection> defaults(Pod ours, Object theirs) {
        List<ValidationResult.Objection> others = new ArrayList<>();
        for (Map.Entry<String, Object> entry : Defaults.of(ours).entrySet()) {
            String theirValue = Tree.text(theirs, entry.getKey());
            boolean same = theirValue != null
                    && (entry.getValue() instanceof Quantity quantity
                            ? Quantity.parse(theirValue).compareTo(quantity) == 0
                            : entry.getValue().equals(theirValue));
            if (!same) {
                others.add(new ValidationResult.Objection(
                        entry.getKey(), "\"" + entry.getValue() + "\", but the API server has \"" + theirValue + "\""));
            }
        }
        return others;
    }
}
