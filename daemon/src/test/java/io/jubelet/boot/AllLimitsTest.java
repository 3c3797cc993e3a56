/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Runs the daemon in a JVM of its own, with the options of the distribution, on input that is as large as its limits allow. */
class AllLimitsTest extends DaemonProcess {

    private static final int PODS = 110;
    private static final int WATCHES = 32;
    private static final int BAD_FILES = 500;
    private static final long MIB = 1 << 20;

    private static String pod(String name, String image, String annotation, String container) {
        return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  annotations:\n    note: " + annotation
                + "\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: c\n    image: " + image
                + "\n" + container;
    }

    private static String variables(int count, int size) {
        StringBuilder env = new StringBuilder("    env:\n");
        for (int i = 0; i < count; i++) {
            env.append("    - {name: V")
                    .append(i)
                    .append(", value: ")
                    .append("x".repeat(size))
                    .append("}\n");
        }
        return env.toString();
    }

    @Test
    void theDefaultHeapHoldsAllLimitsAtOnce() throws IOException {
        start(new MemoryBudget(PODS, Set.of(), 0).needed() / MIB);
        for (int i = 0; i < PODS - 4; i++) {
            String probe = "    livenessProbe:\n      periodSeconds: 1\n      exec:\n        command: [echo, "
                    + "y".repeat(9_000) + "]\n";
            write(String.format(Locale.ROOT, "pod%03d.yaml", i), pod("pod" + i, "image", "n".repeat(15_000), probe));
        }
        for (int i = 0; i < 2; i++) {
            write("env" + i + ".yaml", pod("env" + i, "image", "none", variables(15, 120_000)));
        }
        StringBuilder doubling = new StringBuilder("    env:\n    - {name: E0, value: aa}\n");
        for (int i = 1; i <= 40; i++) {
            doubling.append(String.format(Locale.ROOT, "    - {name: E%d, value: $(E%d)$(E%d)}\n", i, i - 1, i - 1));
        }
        write("doubling.yaml", pod("doubling", "image", "none", doubling.toString()));
        for (int i = 0; i < 30; i++) {
            write(
                    String.format(Locale.ROOT, "zmap%02d.yaml", i),
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m" + i + "\ndata:\n  k: "
                            + "z".repeat((int) MIB - 1) + "\n");
        }
        write(
                "values.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: values\nspec:\n  x:\n" + "  - {a: 1}\n".repeat(49_000));
        write("list.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"x\":[" + "1,".repeat(1_500_000) + "1]}");
        write("comment.yaml", "# " + "c".repeat(3_000_000) + "\n" + pod("comment", "image", "none", ""));
        String bad = "apiVersion: v1\nkind: Pod\n" + "x: 1\n".repeat(100);
        for (int i = 0; i < BAD_FILES; i++) {
            write(String.format(Locale.ROOT, "bad%04d.yaml", i), bad);
        }
        await("the API to answer", () -> get("/healthz").endsWith("ok"));
        // None of these reads more than the beginning.
        for (int i = 0; i < WATCHES; i++) {
            request(i % 2 == 0 ? "/api/v1/pods?watch=1" : "/jubelet/v1/pods?watch=1");
        }
        // All but the one whose variables double each other.
        await("the pods to run", () -> running() >= PODS - 1);
        for (String image : List.of("second", "third", "fourth")) {
            for (int i = 0; i < 20; i++) {
                write(String.format(Locale.ROOT, "pod%03d.yaml", i), pod("pod" + i, image, "n".repeat(15_000), ""));
                request("/api/v1/pods");
            }
            await("the edit to run", () -> get("/api/v1/pods").split("\"image\":\"" + image + "\"", -1).length > 20);
        }
        String told = get("/jubelet/v1/manifests");
        assertTrue(told.contains("KiB are free of the"), "ConfigMaps without room are refused");
        assertTrue(told.contains("has more than 100000 values"), "so is the list");
    }

    @Test
    void whatEndedTheDaemonIsRefusedByNameAndTheRestRuns() throws IOException, InterruptedException {
        // Within the limits, and too much for so small a heap.
        StringBuilder large = new StringBuilder("apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\nspec:\n  x:\n");
        for (int i = 0; i < 84_000; i++) {
            large.append(String.format(Locale.ROOT, "  - value %05d of many more of them\n", i));
        }
        start(20);
        await("the API to answer", () -> get("/healthz").endsWith("ok"));
        write("small.yaml", pod("small", "image", "none", ""));
        await("the pod to run", () -> running() == 1);
        write("large.yaml", large.toString());
        assertTrue(daemon.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "it has not run out of memory");
        assertEquals(3, daemon.exitValue(), this::tail);
        start(20);
        await("the API to answer", () -> get("/healthz").endsWith("ok"));
        await("the rest to run", () -> running() == 1);
        String refused = get("/jubelet/v1/manifests");
        assertTrue(
                refused.contains("Refused") && refused.contains("was in hand when the daemon ended at or after"),
                refused);
        write("small.yaml", pod("small", "second", "none", ""));
        await("edits to be read", () -> get("/api/v1/pods").contains("\"image\":\"second\""));
        write("large.yaml", pod("large", "image", "none", ""));
        await("the file to be read when it has changed", () -> running() == 2);
        assertFalse(get("/jubelet/v1/manifests").contains("was in hand"));
    }
}
