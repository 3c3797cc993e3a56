/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One pod to validate: a minimal one with some fields set.
 *
 * <p>Written as {@code PATH = YAML && PATH = YAML}. A path can start with {@code c} for the first container, {@code i}
 * for the first init container, {@code m} for the metadata; {@code {{x*70}}} is seventy times x.
 *
 * @param settings each {@code PATH = YAML}, with the full path
 */
record PodCase(List<String> settings) {

    static final Path CORPUS = Path.of("src/test/resources/io/jubelet/manifest/oracle");
    private static final Pattern REPEAT = Pattern.compile("\\{\\{(.+?)\\*(\\d+)}}");
    private static final String PLAIN = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: [{name: app, image: "busybox:1.36"}]}
            """;

    PodCase {
        settings = List.copyOf(settings);
    }

    /** The hand-picked ones, of all files. */
    static List<PodCase> corpus() throws IOException {
        List<PodCase> cases = new ArrayList<>();
        try (Stream<Path> files = Files.list(CORPUS)) {
            for (Path file : files.filter(file -> file.toString().endsWith(".pods"))
                    .sorted()
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    if (!line.isBlank() && !line.startsWith("#")) {
                        cases.add(parse(line));
                    }
                }
            }
        }
        return cases;
    }

    static String repeated(String line) {
        return REPEAT.matcher(line).replaceAll(match -> match.group(1).repeat(Integer.parseInt(match.group(2))));
    }

    private static PodCase parse(String line) {
        String whole = repeated(line);
        List<String> settings = new ArrayList<>();
        for (String setting : whole.split(" && ")) {
            settings.add(setting.strip()
                    .replaceFirst("^c\\b", "spec.containers[0]")
                    .replaceFirst("^i\\b", "spec.initContainers[0]")
                    .replaceFirst("^m\\b", "metadata"));
        }
        return new PodCase(settings);
    }

    /** Both, where they set different fields; else this one. */
    PodCase and(PodCase other) {
        List<String> both = new ArrayList<>(settings);
        for (String setting : other.settings) {
            String path = path(setting);
            if (settings.stream().map(PodCase::path).anyMatch(mine -> overlap(mine, path))) {
                return this;
            }
            both.add(setting);
        }
        return new PodCase(both);
    }

    private static boolean overlap(String one, String other) {
        return one.equals(other)
                || one.startsWith(other + ".")
                || other.startsWith(one + ".")
                || one.startsWith(other + "[")
                || other.startsWith(one + "[");
    }

    /** With one field somewhere, of those {@code where} allows, replaced by a value that may or may not fit. */
    PodCase mutate(Random random, Predicate<String> where, List<String> values) {
        List<String> leaves = Tree.leaves(tree()).stream().filter(where).toList();
        List<String> more = new ArrayList<>(settings);
        more.add(leaves.get(random.nextInt(leaves.size())) + " = " + values.get(random.nextInt(values.size())));
        return new PodCase(more);
    }

    private static String path(String setting) {
        return setting.substring(0, setting.indexOf(" = "));
    }

    /** The pod. */
    Object tree() {
        Object tree = Tree.read(PLAIN);
        for (String setting : settings) {
            String path = path(setting);
            if (path.startsWith("spec.initContainers[0]") && Tree.get(tree, "spec.initContainers[0]") == null) {
                Tree.set(tree, "spec.initContainers[0]", Tree.read("{name: init, image: 'busybox:1.36'}"));
            }
            Tree.set(tree, path, Tree.value(setting.substring(setting.indexOf(" = ") + 3)));
        }
        return tree;
    }

    @Override
    public String toString() {
        return String.join(" && ", settings);
    }
}
