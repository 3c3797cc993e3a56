/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeconfigParserTest {

    private static final Path FILE = Path.of("/etc/kubernetes/kubelet.conf");

    /** Of the form that kubeadm writes. */
    private static final String KUBEADM = """
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: Q0E=
                server: https://192.0.2.1:6443
              name: kubernetes
            contexts:
            - context:
                cluster: kubernetes
                user: system:node:edge7
              name: system:node:edge7@kubernetes
            current-context: system:node:edge7@kubernetes
            kind: Config
            preferences: {}
            users:
            - name: somebody-else
              user:
                token: another
            - name: system:node:edge7
              user:
                client-certificate: pki/kubelet-client-current.pem
                client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
            """;

    private static Kubeconfig parse(String text) {
        return KubeconfigParser.parse(FILE, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theCurrentContextCountsAndPathsStartFromTheFile() {
        Kubeconfig config = parse(KUBEADM);
        assertEquals(URI.create("https://192.0.2.1:6443"), config.server());
        assertEquals(Optional.of(new Kubeconfig.Content.Inline("CA")), config.authority());
        Path key = Path.of("/var/lib/kubelet/pki/kubelet-client-current.pem");
        Path certificate = Path.of("/etc/kubernetes/pki/kubelet-client-current.pem");
        assertEquals(
                Optional.of(new Kubeconfig.Content.InFile(certificate)),
                config.user().certificate());
        assertEquals(
                Optional.of(new Kubeconfig.Content.InFile(key)), config.user().key());
        assertEquals(Optional.empty(), config.user().token());
        assertFalse(config.insecure());
    }

    @Test
    void aPluginIsReadWithItsArguments() {
        Kubeconfig config = parse(KUBEADM.replaceAll("(?s)    client-certificate.*", """
                    exec:
                      apiVersion: client.authentication.k8s.io/v1
                      command: ./credentials
                      args: [get, node]
                      env: [{name: REGION, value: north}]
                      interactiveMode: Never
                      installHint: ask the operator
                      provideClusterInfo: true
                """));
        Kubeconfig.Exec exec = config.user().exec().orElseThrow();
        assertEquals("/etc/kubernetes/./credentials", exec.command());
        assertEquals(List.of("get", "node"), exec.arguments());
        assertEquals(List.of("REGION=north"), exec.environment());
        assertTrue(exec.provideClusterInfo());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "client-key: /var          | client-certificat: /var | :22:5: users[1].user.client-certificat: ",
                "server: https://192.0.2.1:6443 | server: 'https://192.0.2.1:6443/?a=b' | :5:13: clusters[0].cluster.server: must be an address such as",
                "user: system:node:edge7 | user: nobody | users: has no entry with the name \"nobody\"",
                "Q0E= | '???' | clusters[0].cluster.certificate-authority-data: must be PEM in base64",
                "client-certificate: pki/kubelet-client-current.pem | username: root | API servers no longer accept passwords",
                "client-certificate: pki/kubelet-client-current.pem | token: t | users[1].user.client-certificate: is required",
                "current-context: system:node:edge7@kubernetes | current-context: other | contexts: has no entry with the name \"other\"",
            })
    void whatIsWrongIsSaidWithItsPlace(String right, String wrong, String message) {
        String text = KUBEADM.replace(right, wrong);
        assertFalse(text.equals(KUBEADM), "nothing was replaced");
        String told =
                assertThrows(IllegalArgumentException.class, () -> parse(text)).getMessage();
        assertTrue(told.contains(message), told);
        assertTrue(told.startsWith("/etc/kubernetes/kubelet.conf:"), told);
    }

    @Test
    void nothingOfASecretIsInWhatIsPrinted() {
        Kubeconfig config = parse(KUBEADM.replaceAll("(?s)    client-certificate.*", "    token: geheim\n"));
        assertEquals(Optional.of("geheim"), config.user().token());
        assertFalse(config.toString().contains("geheim"), config::toString);
    }
}
