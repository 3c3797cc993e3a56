/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import io.jubelet.fuzz.Messages;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Manifests: what any file may cause. */
class ManifestFuzzTest extends FuzzTargetTest {

    ManifestFuzzTest() {
        super("manifest", Target.class);
    }

    static final class Target implements FuzzTarget {

        /** Of a document whose kind is Secret, with a comment or a tag between, or quoted. */
        private static final Pattern SECRET = Pattern.compile("kind[\"']?\\s*:\\s*(?:#[^\\n]*\\n\\s*)*[\"']?Secret\\b");

        private static final String PATH = "/etc/kubernetes/manifests/fuzz.yaml";

        @Override
        public void run(byte[] input) throws Exception {
            ManifestFile file = InputBudget.within(() -> ManifestFile.parse(input, PATH, "node1"));
            List<Finding> findings = new ArrayList<>(file.errors());
            findings.addAll(file.warnings());
            boolean confidential = confidential(input);
            for (Finding finding : findings) {
                Messages.requirePrintable(finding.toString());
                if (confidential) {
                    Messages.requireNoSecret(finding.toString());
                }
            }
            for (Pod pod : file.pods()) {
                Optional<Pod> again = ManifestFile.restore(pod.document(), PATH, NodeNames.of("node1"), true);
                if (again.isEmpty() || !again.get().uid().equals(pod.uid())) {
                    throw new AssertionError("read again, this is another pod or none: " + pod.document());
                }
            }
        }

        /**
         * Whether the planted value is the value of a Secret and stands nowhere else, as far as a
         * broken file can be read.
         */
        private static boolean confidential(byte[] input) {
            String text = new String(input, StandardCharsets.ISO_8859_1);
            if (!text.contains(Messages.SECRET) || !SECRET.matcher(text).find()) {
                return false;
            }
            List<Node> documents = Documents.read(input, new Findings());
            return documents.stream().noneMatch(root -> isElsewhere(root, false));
        }

        private static boolean isElsewhere(Node node, boolean value) {
            return switch (node) {
                case Node.Scalar scalar -> !value && scalar.text().contains(Messages.SECRET);
                case Node.Sequence sequence -> sequence.items().stream().anyMatch(item -> isElsewhere(item, value));
                case Node.Mapping mapping ->
                    mapping.entries().stream()
                            .anyMatch(entry -> entry.key().contains(Messages.SECRET)
                                    || isElsewhere(
                                            entry.value(),
                                            value
                                                    || entry.key().equals("data")
                                                    || entry.key().equals("stringData")));
            };
        }

        @Override
        public List<byte[]> seeds() throws Exception {
            List<byte[]> seeds = new ArrayList<>();
            try (Stream<Path> files = Files.list(Path.of("../manifests-example"))) {
                for (Path file : files.sorted().toList()) {
                    if (file.toString().endsWith(".yaml")) {
                        seeds.add(Files.readAllBytes(file));
                    }
                }
            }
            seeds.add("""
                    apiVersion: v1
                    kind: Secret
                    metadata: {name: credentials}
                    stringData:
                      password: pl4nted-s3cret
                      other: |
                        pl4nted-s3cret
                    """.getBytes(StandardCharsets.UTF_8));
            seeds.add("""
                    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "credentials"},
                     "stringData": {"password": "pl4nted-s3cret"}}
                    """.getBytes(StandardCharsets.UTF_8));
            seeds.add("""
                    {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod",
                     "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}]}
                    """.getBytes(StandardCharsets.UTF_8));
            return seeds;
        }
    }
}
