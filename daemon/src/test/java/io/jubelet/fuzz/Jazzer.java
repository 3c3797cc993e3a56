/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs Jazzer on a target in a process of its own, because it instruments every class of ours. */
final class Jazzer {

    /** How long one input may take, in seconds; Jazzer reports one that hangs. */
    private static final int INPUT_TIMEOUT = 60;

    /** What the start of the process and its last input may take besides. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private Jazzer() {}

    /**
     * The result of a run.
     *
     * @param found whether an input failed
     * @param output the end of what Jazzer printed
     */
    record Outcome(boolean found, String output) {}

    /**
     * Runs a target for some time or until an input fails.
     *
     * @param directory for the corpus, which grows, and for the input that fails
     */
    static Outcome run(String name, Class<? extends FuzzTarget> target, Path directory, Duration time)
            throws Exception {
        Path corpus = Files.createDirectories(directory.resolve("corpus"));
        Path seeds = Files.createDirectories(directory.resolve("seeds"));
        try (FuzzTarget created = Targets.create(target.getName())) {
            List<byte[]> inputs = created.seeds();
            for (int i = 0; i < inputs.size(); i++) {
                Files.write(seeds.resolve("seed" + i), inputs.get(i));
            }
        }
        List<String> command = new ArrayList<>(List.of(
                // Other tests beside it wait for moments.
                "nice",
                "-n5",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djubelet.log.level=off",
                "-cp",
                classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + JazzerEntry.class.getName(),
                "--target_args=" + target.getName(),
                "--instrumentation_includes=io.jubelet.**",
                "--instrumentation_excludes=io.jubelet.fuzz.**:io.jubelet.cri.proto.**",
                "--custom_hook_includes=io.jubelet.**",
                // Our code is meant to connect to sockets and to open files.
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery:"
                        + "com.code_intelligence.jazzer.sanitizers.FilePathTraversal",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory.resolve("failed-"),
                "-max_total_time=" + time.toSeconds(),
                "-timeout=" + INPUT_TIMEOUT,
                "-rss_limit_mb=0",
                "-print_final_stats=1",
                corpus.toString(),
                seeds.toString()));
        Path recorded = Targets.recorded(name);
        if (Files.isDirectory(recorded)) {
            command.add(recorded.toString());
        }
        return start(command, directory, time.plus(MARGIN));
    }

    private static Outcome start(List<String> command, Path directory, Duration atMost)
            throws IOException, InterruptedException {
        Path log = directory.resolve("jazzer.log");
        Process process = new ProcessBuilder(command)
                .directory(Path.of("").toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                return new Outcome(true, "Jazzer did not end\n" + end(log));
            }
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue() != 0, end(log));
    }

    private static String end(Path log) throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> !line.startsWith("INFO: "))
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }

    /** The class path of the tests without JUnit, for whose tests Jazzer would look. */
    private static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("junit-"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
