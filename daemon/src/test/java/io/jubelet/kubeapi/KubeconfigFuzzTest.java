/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import io.jubelet.fuzz.Messages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Kubeconfigs: what any file may cause. */
class KubeconfigFuzzTest extends FuzzTargetTest {

    KubeconfigFuzzTest() {
        super("kubeconfig", Target.class);
    }

    static final class Target implements FuzzTarget {

        private static final Path FILE = Path.of("/etc/kubernetes/kubelet.conf");

        private static final String HEAD = """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u, namespace: n}}]
                clusters:
                - name: c
                  cluster:
                    server: https://192.0.2.1:6443
                    certificate-authority-data: Q0E=
                    tls-server-name: apiserver
                    proxy-url: http://192.0.2.2:3128
                    extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: nodes}}]
                preferences: {}
                """;

        @Override
        public void run(byte[] input) throws Exception {
            try {
                InputBudget.within(() -> KubeconfigParser.parse(FILE, input));
            } catch (IllegalArgumentException e) {
                e.getMessage().lines().forEach(Messages::requirePrintable);
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(
                    (HEAD + """
                            users:
                            - name: u
                              user: {client-certificate: a.pem, client-key-data: cGw0bnRlZC1zM2NyZXQ=}
                            """).getBytes(StandardCharsets.UTF_8),
                    (HEAD + """
                            users:
                            - name: u
                              user:
                                exec:
                                  apiVersion: client.authentication.k8s.io/v1
                                  command: ./credentials
                                  args: [get, node]
                                  env: [{name: REGION, value: north}]
                                  interactiveMode: Never
                                  installHint: ask the operator
                                  provideClusterInfo: true
                            """).getBytes(StandardCharsets.UTF_8),
                    (HEAD + "users: [{name: u, user: {tokenFile: /run/token}}]\n").getBytes(StandardCharsets.UTF_8),
                    (HEAD + "users: [{name: u, user: {token: t}}]\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
