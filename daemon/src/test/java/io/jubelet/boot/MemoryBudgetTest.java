/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static io.jubelet.boot.MemoryBudget.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.boot.MemoryBudget.Feature;
import io.jubelet.config.Configs;
import io.jubelet.desired.ManifestBudget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryBudgetTest {

    /** What the JVM says of {@code -Xmx138m -Xmn4m}: one survivor space is never used. */
    private static final long XMX_138 = 138 * MIB - 400 * 1024;

    @Test
    void defaultHeapSufficesForTheDefaultNumberOfPods() {
        MemoryBudget budget = new MemoryBudget(110, Set.of(), XMX_138);
        assertEquals(138 * MIB, budget.needed());
        assertEquals(Optional.empty(), budget.warning());
        assertTrue(budget.manifests() >= ManifestBudget.DEFAULT_BYTES);
    }

    @Test
    void morePodsNeedMore() {
        MemoryBudget budget = new MemoryBudget(250, Set.of(), XMX_138);
        assertEquals(156 * MIB, budget.needed());
        assertEquals(
                Optional.of(
                        "the heap has 138 MiB, and 156 MiB are needed when all limits are reached; manifests have 6 MiB of"
                                + " it. Set JUBELET_JAVA_OPTS=-Xmx156m, or lower maxPods"),
                budget.warning());
    }

    @ParameterizedTest
    @CsvSource({"CLUSTER, 170", "KUBELET_PORT, 156", "KUBERNETES_API, 210"})
    void eachFeatureNeedsMore(Feature feature, int mib) {
        assertEquals(mib * MIB, new MemoryBudget(110, Set.of(feature), XMX_138).needed());
    }

    @Test
    void allFeaturesNeedWhatEachOfThemNeeds() {
        assertEquals(260 * MIB, new MemoryBudget(110, EnumSet.allOf(Feature.class), XMX_138).needed());
    }

    @Test
    void featuresAreThoseThatAreConfigured() {
        assertEquals(Set.of(), features());
        assertEquals(Set.of(Feature.CLUSTER), features("--kubeconfig=/etc/a"));
        assertEquals(Set.of(Feature.KUBERNETES_API), features("--serve-kubernetes-api=127.0.0.1:6443"));
        assertEquals(
                Set.of(Feature.CLUSTER, Feature.KUBELET_PORT),
                features("--kubeconfig=/etc/a", "--port=10250", "--client-ca-file=/etc/ca"));
    }

    @Test
    void manifestsHaveWhatNothingElseCanNeed() {
        assertEquals(ManifestBudget.DEFAULT_BYTES + 128 * MIB, new MemoryBudget(110, Set.of(), 265 * MIB).manifests());
        assertEquals(4 * MIB, new MemoryBudget(110, Set.of(), 64 * MIB).manifests(), "the least");
    }

    /** Runs the launcher with a JVM that prints its options. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    run                                       | 110 |
                    run --max-pods=250                        | 250 |
                    run --max-pods 250 --v=2                  | 250 |
                    run --max-pods=10 --max-pods=500          | 500 |
                    run --max-pods=many                       | 110 |
                    run --max-pods=99999999999                | 110 |
                    run --hostname-override --max-pods=250    | 250 |
                    run --kubeconfig=/etc/a --max-pods=250    | 250 | CLUSTER
                    run --bootstrap-kubeconfig /etc/a         | 110 | CLUSTER
                    run --port=10250 --port=10250             | 110 | KUBELET_PORT
                    run --config /etc/a                       | 110 | KUBELET_PORT
                    run --serve-kubernetes-api=127.0.0.1:6443 | 110 | KUBERNETES_API
                    run --kubeconfig=/a --config=/b --serve-kubernetes-api 127.0.0.1:1 | 110 | CLUSTER KUBELET_PORT KUBERNETES_API
                    """)
    void launcherSetsTheHeapByTheSameFormula(String arguments, int maxPods, String configured, @TempDir Path dir)
            throws IOException, InterruptedException {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (String feature : configured == null ? new String[0] : configured.split(" ")) {
            features.add(Feature.valueOf(feature));
        }
        long machine = machineMib();
        long wanted = Math.max(64, Math.min(new MemoryBudget(maxPods, features, 0).needed() / MIB, machine / 4));
        String options = launch(dir, arguments);
        assertTrue(options.contains(" -Xmx" + wanted + "m "), options);
        assertTrue(options.contains(" -Xms" + Math.clamp(machine / 64, 8, 64) + "m "), options);
    }

    @Test
    void clientHasItsOwnHeap(@TempDir Path dir) throws IOException, InterruptedException {
        String options = launch(dir, "get pods");
        assertTrue(!options.contains("-Xmx") && !options.contains("-Xms"), options);
    }

    private static Set<Feature> features(String... flags) {
        return Feature.of(Configs.valid(Configs.ofFlags(flags)));
    }

    private static long machineMib() throws IOException {
        String total = Files.readAllLines(Path.of("/proc/meminfo")).getFirst();
        return Long.parseLong(total.replaceAll("\\D", "")) / 1024;
    }

    private static String launch(Path dir, String arguments) throws IOException, InterruptedException {
        Path java = Files.createDirectories(dir.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \" $* \"\n");
        assertTrue(java.toFile().setExecutable(true));
        Path bin = Files.createDirectories(dir.resolve("bin"));
        Path lib = Files.createDirectories(dir.resolve("lib"));
        Files.writeString(lib.resolve("classpath"), "jubelet.jar\n");
        Path launcher = Files.copy(Path.of("src/main/dist/jubelet"), bin.resolve("jubelet"));
        List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
        command.addAll(List.of(arguments.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JUBELET_JAVA_HOME", dir.resolve("java").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
