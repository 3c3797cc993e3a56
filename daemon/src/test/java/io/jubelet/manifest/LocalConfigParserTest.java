/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Finding;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.ConfigObject;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalConfigParserTest {

    private static final int UID = 1000;

    private static final String MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n";
    private static final String SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n";

    private static ManifestFile parse(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1");
    }

    private static ManifestFile parse(String text, FileAccess access) {
        return ManifestFile.parse(
                text.getBytes(StandardCharsets.UTF_8),
                new ManifestFile.Source("/m/web.yaml", NodeNames.of("node1"), true, Optional.of(access)));
    }

    private static ConfigObject only(String text) {
        ManifestFile file = parse(text);
        assertEquals(List.of(), file.errors());
        assertEquals(1, file.documents().size());
        return ((ManifestFile.OfConfig) file.documents().getFirst().content()).object();
    }

    @Test
    void readsAConfigMap() {
        assertEquals(
                new ConfigMap(
                        "prod",
                        "web",
                        true,
                        Map.of("a", "1", "b.conf", "x\ny\n", "none", ""),
                        Map.of("logo", Bytes.of(new byte[] {0, 1, 2, 3}))),
                only("""
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: web, namespace: prod, labels: {app: web}}
                        immutable: true
                        data:
                          a: "1"
                          none:
                          b.conf: |
                            x
                            y
                        binaryData:
                          logo: AAECAw==
                        """));
    }

    @Test
    void stringDataReplacesDataOfSecret() {
        assertEquals(
                new Secret(
                        "default",
                        "db",
                        "Opaque",
                        false,
                        Map.of("user", Bytes.of("me"), "password", Bytes.of("new"), "long", Bytes.of("abcdef"))),
                only(SECRET + """
                        data:
                          user: bWU=
                          password: b2xk
                          long: |
                            YWJj
                            ZGVm
                        stringData: {password: new}
                        """));
    }

    @Test
    void configMapsAndPodsCanShareFile() {
        ManifestFile file = parse(MAP + "---\n" + PodTexts.pod("a", "one") + "---\n" + SECRET);
        assertEquals(List.of(), file.errors());
        assertEquals(
                List.of("ConfigMap default/web", "default/a", "Secret default/db"),
                file.documents().stream().map(d -> d.key().toString()).toList());
        assertEquals(1, file.pods().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    dta: {a: b}                      | 4:1: dta: a ConfigMap has no field "dta"; did you mean "data"?
                    data: {a: 1}                     | 4:11: data.a: must be a string, but is a number, true or false; write it in quotes
                    data: {a: {b: c}}                | 4:11: data.a: must be a string, but is a mapping
                    data: [a]                        | 4:7: data: must be a mapping
                    data: {"a/b": c}                 | 4:8: data.a/b: "a/b" is not a key: write letters
                    data: {"..data": c}              | 4:8: data...data: "..data" is not a key
                    data: {".": c}                   | is not a key
                    data: {"": c}                    | is not a key
                    binaryData: {a: "b!c="}          | 4:17: binaryData.a: is not base64 from character 2 on; write plain text under data
                    binaryData: {a: "YWJ"}           | binaryData.a: is not base64: its length is not a multiple of 4
                    binaryData: {a: "YQ=="}, data: {a: b} | a key
                    immutable: "yes"                 | 4:12: immutable: must be true or false
                    """)
    void reportsErrorsOfConfigMapWithPlace(String line, String message) {
        String lines = line.contains("}, data") ? line.replace("}, data", "}\ndata") : line;
        List<Finding> errors = parse(MAP + lines + "\n").errors();
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().toString().contains(message), errors.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    type: kubernetes.io/dockerconfigjson                                      | must have the key .dockerconfigjson
                    {type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: x}} | must be a JSON object
                    {type: kubernetes.io/dockercfg, stringData: {.dockercfg: "[]"}}            | must be a JSON object
                    type: kubernetes.io/basic-auth                                            | must have the key username or password
                    type: kubernetes.io/ssh-auth                                              | ssh-privatekey
                    {type: kubernetes.io/tls, data: {tls.crt: ""}}                             | must have the key tls.key
                    type: kubernetes.io/service-account-token                                 | must have the annotation
                    """)
    void typeOfSecretRequiresKeys(String line, String message) {
        String fields = line.startsWith("{")
                ? line.substring(1, line.length() - 1)
                        .replace("}, ", "},")
                        .replace(", stringData", "\nstringData")
                        .replace(", data", "\ndata")
                : line;
        List<Finding> errors = parse(SECRET + fields + "\n").errors();
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().message().contains(message), errors.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '{\"auths\":{}}'}",
                "type: kubernetes.io/basic-auth\nstringData: {password: x}",
                "type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: x}",
                "type: kubernetes.io/tls\nstringData: {tls.crt: '', tls.key: ''}",
                "type: example.com/own"
            })
    void typesWithTheirKeysAreAccepted(String fields) {
        assertEquals(List.of(), parse(SECRET + fields + "\n").errors());
    }

    @Test
    void moreThanOneMebibyteIsRefused() {
        String half = "x".repeat(512 << 10);
        assertEquals(
                List.of(),
                parse(MAP + "data: {a: " + half + ", b: " + half + "}\n").errors());
        List<Finding> errors =
                parse(MAP + "data: {a: " + half + ", b: " + half + "x}\n").errors();
        assertEquals(
                List.of("data: the values have 1048577 bytes in all; at most 1048576 (1 MiB) are allowed"),
                errors.stream()
                        .map(p -> p.field().orElseThrow() + ": " + p.message())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {password: hunter2!}",
                "data: hunter2",
                "stringData: {password: [hunter2]}",
                "stringData: {a: hunter2}\ndata: {a: hunter2}",
                "stringData: {password: *hunter2}",
                "stringData: {password: !hunter2 x}",
                "stringData: {password: @hunter2}",
                "stringData: {password: \"hunter2\\q\"}",
                "stringData:\n  a: hunter2\n b: c",
                "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: hunter2}",
                "hunter2"
            })
    void findingOfSecretShowsNoValue(String fields) {
        ManifestFile file = parse(SECRET + fields + "\n");
        assertFalse(file.errors().isEmpty());
        assertFalse(file.toString().contains("hunter2"), file.toString());
    }

    @Test
    void findingOfSecretInJsonShowsNoValue() {
        ManifestFile file = parse("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{\"a\":hunter2}}");
        assertFalse(file.errors().isEmpty());
        assertFalse(file.toString().contains("hunter2"), file.toString());
    }

    @Test
    void reportsPlaceOfRepeatedKeyOfSecret() {
        ManifestFile file = parse(SECRET + "stringData: {password: hunter2, password: hunter3}\n");
        assertEquals(1, file.errors().size());
        assertEquals(
                Optional.of("stringData.password"), file.errors().getFirst().field());
        assertTrue(file.errors().getFirst().message().startsWith("this key is already set at "), file.toString());
        assertFalse(file.toString().contains("hunter"), file.toString());
    }

    @Test
    void toStringOfFileShowsNoValueOfSecret() {
        ManifestFile file = parse(SECRET + "stringData: {password: hunter2}\n");
        assertEquals(List.of(), file.errors());
        assertFalse(file.toString().contains("hunter2"), file.toString());
        assertTrue(file.documents().getFirst().json().contains("hunter2"), "and it is kept all the same");
    }

    @ParameterizedTest
    @CsvSource({"0644, its mode is 0644; run: chmod 600 /m/web.yaml", "0620, 0620", "0601, 0601", "0604, 0604"})
    void refusesSecretInFileReadableByOthers(String mode, String message) {
        FileAccess access = new FileAccess(Integer.parseInt(mode, 8) | 0100000, UID, UID, UID);
        List<Finding> errors = parse(SECRET, access).errors();
        assertEquals(1, errors.size());
        assertEquals(2, errors.getFirst().line());
        assertTrue(errors.getFirst().message().contains(message), errors.toString());
        assertEquals(List.of(), parse(MAP, access).errors(), "a ConfigMap is for everybody");
    }

    @Test
    void refusesSecretInFileOfAnotherUser() {
        String message = parse(SECRET, new FileAccess(0100600, UID + 1, UID, UID))
                .errors()
                .getFirst()
                .message();
        assertTrue(message.contains("it belongs to uid " + (UID + 1)), message);
        assertTrue(message.endsWith("run: chown " + UID + " /m/web.yaml"), message);
        assertEquals(
                List.of(), parse(SECRET, new FileAccess(0100400, UID, UID, UID)).errors());
    }

    @Test
    void refusesLocalConfigWhenDisabled() {
        for (String text : List.of(
                MAP,
                SECRET,
                PodTexts.with("container", "envFrom: [{configMapRef: {name: a}}]"),
                PodTexts.with("container", "env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}]"),
                PodTexts.with("spec", "imagePullSecrets: [{name: a}]"),
                PodTexts.with("spec", "volumes: [{name: v, configMap: {name: a}}]"),
                PodTexts.with("spec", "volumes: [{name: v, projected: {sources: [{secret: {name: a}}]}}]"))) {
            ManifestFile file = ManifestFile.parse(
                    text.getBytes(StandardCharsets.UTF_8),
                    new ManifestFile.Source("/m/web.yaml", NodeNames.of("node1"), false, Optional.empty()));
            assertTrue(
                    file.errors().stream().anyMatch(p -> p.message().contains("--local-config=false") && p.line() > 0),
                    text + file.errors());
        }
    }
}
