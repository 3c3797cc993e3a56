/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.document.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/** Writes a kubeconfig with the names that the kubelet uses after a bootstrap. Stateless. */
final class KubeconfigWriter {

    private KubeconfigWriter() {}

    /**
     * Returns the text of a kubeconfig for the same API server.
     *
     * @param certificate the file with certificate and key
     */
    static String of(Kubeconfig config, Path certificate) {
        StringBuilder text = new StringBuilder("""
                apiVersion: v1
                kind: Config
                clusters:
                - name: default-cluster
                  cluster:
                """);
        config.authority().ifPresent(authority -> {
            switch (authority) {
                case Kubeconfig.Content.Inline inline ->
                    text.append("    certificate-authority-data: ")
                            .append(Base64.getEncoder()
                                    .encodeToString(inline.pem().getBytes(StandardCharsets.US_ASCII)))
                            .append('\n');
                case Kubeconfig.Content.InFile(Path path) ->
                    field(text, "certificate-authority", path.toAbsolutePath().toString());
            }
        });
        field(text, "server", config.server().toString());
        config.serverName().ifPresent(name -> field(text, "tls-server-name", name));
        config.proxy().ifPresent(proxy -> field(text, "proxy-url", proxy.toString()));
        if (config.insecure()) {
            text.append("    insecure-skip-tls-verify: true\n");
        }
        text.append("""
                contexts:
                - name: default-context
                  context:
                    cluster: default-cluster
                    namespace: default
                    user: default-auth
                current-context: default-context
                users:
                - name: default-auth
                  user:
                """);
        field(text, "client-certificate", certificate.toString());
        field(text, "client-key", certificate.toString());
        return text.toString();
    }

    /** Quotes the value as JSON, which is valid YAML. */
    private static void field(StringBuilder text, String name, String value) {
        JsonText.quote(text.append("    ").append(name).append(": "), value);
        text.append('\n');
    }
}
