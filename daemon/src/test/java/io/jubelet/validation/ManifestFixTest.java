/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.pod.NodeNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestFixTest {

    private static final Path RESOURCES = Path.of("src/test/resources/io/jubelet/manifest");
    private static final ManifestFile.Source SOURCE =
            new ManifestFile.Source("/m/web.yaml", NodeNames.of("node1"), true, Optional.empty());

    private static String fix(String text) {
        return ManifestFix.of(text, SOURCE);
    }

    /** Lines that begin with {@code -} go, and those with {@code +} come. */
    private static void assertMends(String difference) {
        StringBuilder before = new StringBuilder();
        StringBuilder after = new StringBuilder();
        for (String line : difference.split("\n")) {
            String text = line.substring(1) + "\n";
            if (line.charAt(0) != '+') {
                before.append(text);
            }
            if (line.charAt(0) != '-') {
                after.append(text);
            }
        }
        assertEquals(after.toString(), fix(before.toString()));
    }

    @Test
    void whatAServerAddedGoesFromAnExportedPod() {
        assertMends("""
                 # exported
                 apiVersion: v1
                 kind: Pod
                 metadata:
                -  annotations:
                -    kubernetes.io/config.hash: abc
                -    kubernetes.io/config.mirror: abc
                -  creationTimestamp: "2026-01-01T00:00:00Z"
                   labels:
                     app: web # mine
                -  managedFields:
                -  - apiVersion: v1
                -    fieldsV1:
                -      f:spec: {}
                   name: web
                -  uid: 0b6f4c1e-5d2a-4a52-9c57-2f5f5c1d7a10
                 # what it runs
                 spec:
                   containers:
                   - name: app
                     image: example.com/app:1
                     volumeMounts:
                     - mountPath: /data
                       name: data
                -    - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                -      name: kube-api-access-x7x7x
                -      readOnly: true
                -  nodeName: node1
                   restartPolicy: Always
                -  serviceAccount: default
                -  serviceAccountName: default
                   volumes:
                   - emptyDir: {}
                     name: data
                -  - name: kube-api-access-x7x7x
                -    projected:
                -      sources:
                -      - serviceAccountToken:
                -          path: token
                -status:
                -  phase: Running
                 ---
                 # another one
                 apiVersion: v1
                 kind: ConfigMap
                 metadata:
                   name: other
                   uid: kept
                """);
    }

    @Test
    void aLastMountTakesItsListAlong() {
        assertMends("""
                 apiVersion: v1
                 kind: Pod
                 metadata:
                   name: web
                 spec:
                   containers:
                   - name: app
                     image: example.com/app:1
                -    volumeMounts:
                -    - name: kube-api-access-x7x7x
                -      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                -  volumes:
                -  - name: kube-api-access-x7x7x
                -    projected: {sources: [{serviceAccountToken: {path: token}}]}
                """);
    }

    @Test
    void aTokenThatAUserMountsElsewhereStays() {
        String text = """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                spec:
                  serviceAccountName: builder
                  containers:
                  - name: app
                    image: example.com/app:1
                    volumeMounts:
                    - name: kube-api-access-x7x7x
                      mountPath: /token
                  volumes:
                  - name: kube-api-access-x7x7x
                    projected: {sources: [{serviceAccountToken: {path: token}}]}
                """;
        assertEquals(text, fix(text));
    }

    @Test
    void fieldsAndWordsAreSpeltAsTheApiDoes() {
        assertMends("""
                 apiVersion: v1
                 kind: Pod
                 metadata: {name: web}
                 spec:
                -  restartpolicy: "on-failure" # not always
                +  restartPolicy: "OnFailure" # not always
                   containers:
                   - name: app
                -    imge: example.com/app:1
                +    image: example.com/app:1
                     livenessProbe:
                -      httpGet: {port: 80, scheme: 'https'}
                +      httpGet: {port: 80, scheme: 'HTTPS'}
                     securityContext:
                -      capabilities: {add: [CAP_NET_ADMIN]}
                +      capabilities: {add: [NET_ADMIN]}
                """);
    }

    @Test
    void aFieldAtTheWrongLevelMovesWithItsComments() {
        assertMends("""
                 apiVersion: v1
                 kind: Pod
                 metadata:
                   name: web
                -  restartPolicy: Never # once
                 spec:
                   containers:
                   - name: app
                +    livenessProbe:
                +      # often
                +      exec:
                +        command:
                +        - "true"
                     image: example.com/app:1
                -  livenessProbe:
                -    # often
                -    exec:
                -      command:
                -      - "true"
                +  restartPolicy: Never # once
                   hostNetwork: true
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // which of the two containers is meant is not known
                "spec:\n  livenessProbe: {exec: {command: [a]}}\n  containers:\n  - {name: a, image: a}\n  - {name: b, image: b}\n",
                // flow style
                "spec: {restartPolicy: Always, containers: [{name: a, image: a}]}\nstatus: {}\nmetdata: &a {x: y}\n",
                // not YAML
                "spec:\n  restartpolicy: [\n",
                // the field is there already
                "spec:\n  hostNetwork: true\n  hostNetwrok: true\n  containers:\n  - {name: a, image: a}\n"
            })
    void whatIsNotSafeStays(String rest) {
        String text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, uid: abc}\n" + rest;
        String fixed = fix(text);
        assertEquals(text.replace("status: {}\n", ""), fixed.replace("status: {}\n", ""));
    }

    /** Whatever is mended among comments, the text stays readable, and nothing is left to mend. */
    @Test
    void brokenManifestsStayReadable() throws IOException {
        List<String> texts = new ArrayList<>();
        for (String each : Files.readString(RESOURCES.resolve("broken.txt")).split("(?m)^=== ")) {
            String[] parts = each.split("\n", 3);
            if (parts.length == 3) {
                texts.add(parts[2].replace("«", ""));
            }
        }
        assertTrue(texts.size() > 200);
        int mended = 0;
        for (String text : texts) {
            String commented = text.contains("{\"") || syntaxErrors(text) > 0
                    ? text
                    : text.replaceAll("(?m)^( *)(- )?([a-z]\\w*:)", "$1# about $3\n$1$2$3");
            String fixed = fix(commented);
            mended += fixed.equals(commented) ? 0 : 1;
            assertEquals(fixed, fix(fixed), text);
            assertEquals(syntaxErrors(commented), syntaxErrors(fixed), fixed);
        }
        assertTrue(mended > 30, mended + " of " + texts.size());
    }

    private static int syntaxErrors(String text) {
        Findings findings = new Findings();
        Documents.read(text.getBytes(StandardCharsets.UTF_8), findings);
        return findings.errorCount();
    }
}
