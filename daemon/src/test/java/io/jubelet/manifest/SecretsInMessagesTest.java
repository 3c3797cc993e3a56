/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.NodeNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a file, its findings do not quote values of what is or might become a Secret. */
class SecretsInMessagesTest {

    private static final String HEAD = "apiVersion: v1\nmetadata: {name: a}\n";

    /** Ways to write the kind, some of them by mistake. */
    private static final List<String> KINDS = List.of(
            "kind: Secret\n",
            "kind: # x\n  Secret\n",
            "kind:\n\n  Secret\n",
            "kind: &k Secret\n",
            "kind: !!str Secret\n",
            "kind: >-\n  Secret\n",
            "kind: \"\\x53ecret\"\n",
            "kind: \"Sec\\\n  ret\"\n",
            "kind: \"\\u0053\\u0065cret\"\n",
            "? kind\n: Secret\n",
            "\"ki\\x6ed\": Secret\n",
            "x: &s Secret\nkind: *s\n",
            "kind: secret\n",
            "kind: Secrets\n",
            "kind: Secert\n",
            "Kind: Secret\n",
            "");

    private static final List<String> BODIES = List.of(
            "stringData: {password: *hunter2}\n",
            "stringData:\n  password: *hunter2\n",
            "data: {password: *hunter2}\n",
            "stringData: {password: &hunter2 x, other: &hunter2 y}\n",
            "stringData: &hunter2 {password: *hunter2}\n",
            "data: {password: 1e99999, hunter: *hunter2}\n",
            "stringData: {password: !hunter2!x y}\n",
            "stringData: {password: !hunter2 x}\n",
            "stringData: {password: !<hunter2> x}\n",
            "stringData: {password: %hunter2}\n",
            "stringData: {password: @hunter2}\n",
            "stringData: {password: \"hunter2\\q\"}\n",
            "stringData:\n  a: hunter2\n b: c\n",
            "stringData:\n  a: hunter2\n  b: c: hunter2\n",
            "data: hunter2\n",
            "data: {password: hunter2!}\n",
            "data: {password: [hunter2]}\n",
            "stringData: [hunter2]\n",
            "stringData: {password: {x: hunter2}}\n");

    static List<String> files() {
        List<String> files = new ArrayList<>();
        for (String kind : KINDS) {
            for (String body : BODIES) {
                if (!(kind.isEmpty()
                                || kind.startsWith("kind: Sece")
                                || kind.startsWith("kind: s")
                                || kind.startsWith("Kind"))
                        || body.startsWith("stringData")
                        || body.startsWith("data")) {
                    files.add(HEAD + kind + body);
                    files.add(HEAD + body + kind);
                    files.add(body + kind + HEAD);
                }
            }
        }
        String json = "{\"apiVersion\":\"v1\",\"stringData\":{\"a\":";
        files.add(json + "hunter2");
        files.add(json + "hunter2},\"kind\":\"Secret\"}");
        files.add(json + "hunter2},\"kind\":\"\\u0053ecret\"}");
        files.add(json + "'hunter2'},\"kind\":\n\"Secret\"}");
        files.add("{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":hunter2");
        files.add(
                "apiVersion: v1\nkind: List\nitems:\n- {kind: Secret, apiVersion: v1, metadata: {name: a}, stringData: {a: hunter2}}\n");
        files.add("- {kind: Secret, apiVersion: v1, metadata: {name: a}, stringData: {a: hunter2}}\n");
        files.add("apiVersion: v1\nkind: SealedSecret\nmetadata: {name: a}\nspec: {encryptedData: {a: hunter2}}\n");
        return files;
    }

    @ParameterizedTest
    @MethodSource("files")
    void noValueIsQuoted(String text) {
        for (boolean localConfig : new boolean[] {true, false}) {
            ManifestFile file = ManifestFile.parse(
                    text.getBytes(StandardCharsets.UTF_8),
                    new ManifestFile.Source("/m/a.yaml", NodeNames.of("node1"), localConfig, Optional.empty()));
            String findings = file.errors() + " " + file.warnings();
            assertFalse(findings.contains("hunter2"), () -> text + findings);
        }
    }

    /** The positions of a mistake and of the word in the file do not matter, nor how the word is written. */
    @Test
    void detailsAreConcealed() {
        for (String kind : KINDS) {
            if (kind.contains("cret") && !kind.contains("secret\n") && !kind.contains("Secrets")) {
                for (String text : List.of(kind + "a: @b\n", "a: @b\n" + kind)) {
                    String errors = ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/a.yaml", "node1")
                            .errors()
                            .toString();
                    assertTrue(errors.contains("details are not shown"), () -> text + errors);
                }
            }
        }
    }

    @Test
    void otherFilesAreExplained() {
        for (String text : List.of(
                "imagePullSecrets: [{name: a}]\n  nodeName: @b",
                "volumes: [{name: a, secret: {secretName: b}}]\n  c: @b")) {
            ManifestFile pod = ManifestFile.parse(
                    PodTexts.with("spec", text).getBytes(StandardCharsets.UTF_8), "/m/a.yaml", "node1");
            assertEquals(1, pod.errors().size());
            assertTrue(
                    pod.errors().getFirst().message().contains("found character '@'"),
                    pod.errors().toString());
        }
    }
}
