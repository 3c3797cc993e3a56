/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a manifest must not have control characters, because they would end up in a generated file or a path. */
class ControlCharactersTest {

    /** {@code @} is the place of the tested text, and {@code #} of further fields of the spec. */
    private static final String POD = """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "annotations": {"example.com/a": "%s"}},
             "spec": {%s "containers": [{"name": "c", "image": "i" %s}]}}
            """;

    private static List<String> errors(String annotation, String spec, String container) {
        String text = POD.formatted(annotation, spec, container);
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/a.json", "node1").errors().stream()
                .map(error -> error.field().orElse("") + ": " + error.message())
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "spec.dnsConfig.options[0].name | \"dnsConfig\": {\"options\": [{\"name\": \"@\"}]},",
                "spec.dnsConfig.options[0].value | \"dnsConfig\": {\"options\": [{\"name\": \"ndots\", \"value\": \"@\"}]},",
                "spec.dnsConfig.nameservers[0] | \"dnsConfig\": {\"nameservers\": [\"@\"]},",
                "spec.dnsConfig.searches[0] | \"dnsConfig\": {\"searches\": [\"@\"]},",
                "spec.hostAliases[0].ip | \"hostAliases\": [{\"ip\": \"@\", \"hostnames\": [\"h\"]}],",
                "spec.hostAliases[0].hostnames[0] | \"hostAliases\": [{\"ip\": \"192.0.2.1\", \"hostnames\": [\"@\"]}],",
                "spec.hostname | \"hostname\": \"@\",",
                "spec.subdomain | \"subdomain\": \"@\",",
                "spec.volumes[0].hostPath.path | \"volumes\": [{\"name\": \"v\", \"hostPath\": {\"path\": \"/a@\"}}],",
            })
    void refusedInFieldsOfThePod(String path, String spec) {
        refused(path, spec, "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "workingDir | , \"workingDir\": \"/a@\"",
                "terminationMessagePath | , \"terminationMessagePath\": \"/a@\"",
                "volumeMounts[0].mountPath | , \"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/a@\"}]",
                "volumeMounts[0].subPath | , \"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/a\", \"subPath\": \"@\"}]",
                "volumeMounts[0].subPathExpr | , \"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/a\", \"subPathExpr\": \"@\"}]",
                "env[0].valueFrom.fileKeyRef.path | , \"env\": [{\"name\": \"E\", \"valueFrom\": {\"fileKeyRef\": {\"volumeName\": \"v\", \"path\": \"@\", \"key\": \"K\"}}}]",
                "livenessProbe.httpGet.path | , \"livenessProbe\": {\"httpGet\": {\"port\": 80, \"path\": \"/@\"}}",
                "livenessProbe.httpGet.httpHeaders[0].value | , \"livenessProbe\": {\"httpGet\": {\"port\": 80, \"httpHeaders\": [{\"name\": \"X\", \"value\": \"@\"}]}}",
                "securityContext.appArmorProfile.localhostProfile | , \"securityContext\": {\"appArmorProfile\": {\"type\": \"Localhost\", \"localhostProfile\": \"@\"}}",
            })
    void refusedInFieldsOfContainers(String path, String container) {
        refused("spec.containers[0]." + path, "\"volumes\": [{\"name\": \"v\", \"emptyDir\": {}}],", container);
    }

    /** JSON escapes, with the number in the message. */
    private static final List<String> CONTROLS =
            List.of("\\u0000", "\\u000a", "\\u001b", "\\u007f", "\\u0085", "\\u009b");

    private static void refused(String path, String spec, String container) {
        for (String control : CONTROLS) {
            String bad = "x" + control + "y";
            List<String> errors = errors("", spec.replace("@", bad), container.replace("@", bad));
            String message = "must not contain the control character U+"
                    + control.substring(2).toUpperCase(Locale.ROOT);
            assertEquals(
                    List.of(path + ": " + message),
                    errors.stream().filter(error -> error.contains("control")).toList(),
                    errors.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\n", "\\t", "\\u001b[1m", "\\u0085"})
    void allowedInTextOfPrograms(String control) {
        assertEquals(
                List.of(),
                errors(
                        control,
                        "",
                        ", \"command\": [\"a@\"], \"args\": [\"@\"], \"env\": [{\"name\": \"E\", \"value\": \"@\"}], \"livenessProbe\": {\"exec\": {\"command\": [\"@\"]}}"
                                .replace("@", control)));
    }

    @Test
    void noProgramCanHaveANul() {
        String message = ": must not contain the control character U+0000";
        assertEquals(
                List.of("spec.containers[0].command[0]" + message, "spec.containers[0].env[0].value" + message),
                errors("", "", ", \"command\": [\"a\\u0000\"], \"env\": [{\"name\": \"E\", \"value\": \"\\u0000\"}]"));
    }
}
